"""TCP ports of this machine: taken, free, answered."""

import errno
import socket

from central.errors import BrokerError

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound
_PROBE_TIMEOUT_S = 1.0

_PLAIN = {
    errno.EADDRINUSE: "is in use already: stop the program that holds it, or set another port",
    errno.EADDRNOTAVAIL: "is at an address that this machine does not have: set another address",
    errno.EACCES: "is reserved for the system: set one above 1023",
}


def claim(host: str, port: int) -> int:
    """Give ``port`` if it is free, or a free one for 0. Nobody holds it afterwards.

    Raises:
        BrokerError: in use, not ours to use, or not an address of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the broker does: connections of a killed one linger, and do no harm.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            chosen: int = probe.getsockname()[1]
    except OSError as error:
        plain = _PLAIN.get(error.errno or 0, f"cannot be used ({error.strerror})")
        raise BrokerError(f"Port {port} of {host} {plain}.") from error
    return chosen


def answers(host: str, port: int) -> bool:
    """Whether something listens there now."""
    try:
        with socket.create_connection((_EVERYWHERE.get(host, host), port), _PROBE_TIMEOUT_S):
            return True
    except OSError:
        return False
