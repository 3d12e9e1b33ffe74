"""TLS for ``requests``: 1.3 and nothing older, to whom we trust and to nobody else."""

import socket
import ssl
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from sync.transport.line import USER_TIMEOUT_MS


class HttpsAdapter(HTTPAdapter):
    """``authority``: whom to trust, PEM; None: whom this machine trusts anyway."""

    def __init__(self, authority: Path | None) -> None:
        self._authority = authority
        super().__init__(pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **self._tuned(named))

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        return super().proxy_manager_for(proxy, **self._tuned(named))

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Our own authority's file in place of the list that ``requests`` brings."""
        authority = verify if self._authority is None else str(self._authority)
        super().cert_verify(conn, url, authority, cert)  # type: ignore[no-untyped-call]

    def _tuned(self, named: dict[str, Any]) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody yet
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if self._authority is None:
            context.load_default_certs()
        options = [*HTTPConnection.default_socket_options]
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux (RFC 5482)
            options.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS))
        return {**named, "ssl_context": context, "socket_options": options}
