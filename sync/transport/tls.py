"""Mutual TLS 1.3 to a broker: nothing older, nobody unnamed, no packet without end."""

import ssl
from dataclasses import dataclass
from pathlib import Path

# A message and its topic fit four times over. Paho would take 256 MB if a broker announced them.
PACKET_BYTES_MAX = 1024 * 1024


class TlsFilesError(Exception):
    """The certificate files do not serve. ``str(error)`` is a sentence that names the file."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a party's TLS lies, all PEM: whom it trusts, its chain (leaf first), its key."""

    authority: Path
    certificate: Path
    key: Path


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Read anew for each dial, so that a renewed certificate is used from the next one on.

    Raises:
        TlsFilesError: one of the files is absent, unreadable, or not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.sslsocket_class = BoundedSocket
    try:
        context.load_verify_locations(cafile=files.authority)
    except OSError as error:
        raise TlsFilesError(
            f"{files.authority} is not a readable certificate of the authority: copy it anew."
        ) from error
    try:
        # An empty password in place of OpenSSL's question on the terminal, which nobody answers.
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError as error:
        raise TlsFilesError(
            f"{files.certificate} and {files.key} are not a readable certificate and its key:"
            " enrol again or copy them anew."
        ) from error
    return context


class BoundedSocket(ssl.SSLSocket):
    """Hangs up on a packet that nobody of ours would send, before memory is spent on it."""

    def do_handshake(self, block: bool = False) -> None:
        """Close at once if it fails: paho forgets the socket, and leaves it to the collector.

        Raises:
            OSError: as the base does.
        """
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read as usual; paho asks for all that is left of a packet.

        Raises:
            ConnectionAbortedError: the packet is longer than ``PACKET_BYTES_MAX``.
        """
        if buflen > PACKET_BYTES_MAX:
            raise ConnectionAbortedError(f"a packet of {buflen} bytes is announced")
        return super().recv(buflen, flags)
