"""Who is on the local network: a relay makes itself known, and a field laptop looks for one (mDNS).

What is found is a place to try, and no more: a relay can't read what it carries, and only central's
signature confirms.
"""

import logging
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address

from zeroconf import (
    Error,
    InterfaceChoice,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

log = logging.getLogger(__name__)

SERVICE = "_nezlam._tcp.local."
FOUND_MAX = 16
_ASK_MS = 3_000


class Lan(ServiceListener):
    """Start once, stop once. ``found`` may be asked by any thread."""

    def __init__(self, node_id: str, interfaces: list[str] | None = None) -> None:
        """``interfaces``: addresses of our own to speak from; None: all."""
        self._node_id = node_id
        self._interfaces = interfaces
        self._lock = threading.Lock()
        self._found: dict[str, str] = {}
        self._zeroconf: Zeroconf | None = None

    def start(self, *, port: int | None, finds: bool) -> None:
        """Make our relay known at ``port``; None: there is none. Look for others if ``finds``.

        Without a network it does nothing: a relay can still be named in the settings.
        """
        try:
            places = self._interfaces or InterfaceChoice.All
            self._zeroconf = Zeroconf(places, ip_version=IPVersion.V4Only)
            if port is not None:
                self._zeroconf.register_service(self._info(port), allow_name_change=True)
            if finds:
                ServiceBrowser(self._zeroconf, SERVICE, self)
        except (OSError, Error) as error:
            log.warning("the local network cannot be searched: %s", error)

    def stop(self) -> None:
        if self._zeroconf is not None:
            with suppress(OSError, Error):
                self._zeroconf.close()

    @property
    def found(self) -> list[str]:
        """Addresses of relays, such as ``http://10.0.0.5:8300``."""
        with self._lock:
            return list(self._found.values())

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name, _ASK_MS)
        if info is None or info.port is None or (info.properties or {}).get(b"node") == self._own:
            return
        places = info.parsed_addresses(IPVersion.V4Only)
        with self._lock:
            if places and len(self._found) < FOUND_MAX:
                self._found[name] = f"http://{places[0]}:{info.port}"

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002
        with self._lock:
            self._found.pop(name, None)

    @property
    def _own(self) -> bytes:
        return self._node_id.encode()

    def _info(self, port: int) -> ServiceInfo:
        places = self._interfaces or _addresses()
        return ServiceInfo(
            SERVICE,
            f"{self._node_id}.{SERVICE}",
            port=port,
            properties={"node": self._node_id},
            parsed_addresses=places,
            server=f"{self._node_id}.local.",
        )


def _addresses() -> list[str]:
    """Our own addresses on the local network; the loopback only where there is no other."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("224.0.0.251", 5353))  # sends nothing: asks which address would be used
        place = str(probe.getsockname()[0])
        if not ip_address(place).is_unspecified:
            return [place]
    return ["127.0.0.1"]
