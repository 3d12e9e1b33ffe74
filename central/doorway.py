"""Central's HTTPS end: bags of signed messages in, and out what central has to say to their node.

Nothing is read of a stranger but a knock. A request that says ``Prefer: wait`` (RFC 7240) is kept
open until there is something to say.
"""

import base64
import ssl
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from central import ports
from central.sessions import Session, Sessions
from sync.transport.post import CHALLENGE, KNOCK, PATH, SESSION, WAIT_S
from sync.transport.tls import TlsFiles
from sync.transport.trunk import FromNode
from sync.wire import bag, knock
from sync.wire.errors import WireError
from sync.wire.sign import VerifyingKey, payload_of, verified

THREADS = 48
HEADER_BYTES_MAX = 8 * 1024
BODY_BYTES_MAX = 2 * bag.BAG_BYTES_MAX  # what is too long for its reader hears so from that one

Start = Callable[..., Any]
Wsgi = Callable[[Any, Any], Iterable[bytes]]
Environ = dict[str, Any]
Answer = tuple[HTTPStatus, dict[str, str], list[bytes]]


class Doorway:
    """A WSGI application and its words. Any thread may call."""

    def __init__(
        self,
        put: Callable[[FromNode], None],
        node_key: Callable[[str], VerifyingKey | None],
        now_ms: Callable[[], int],
    ) -> None:
        """``put`` hands a message to the ingest; ``now_ms`` is monotonic."""
        self._put, self._node_key = put, node_key
        self._sessions = Sessions(now_ms)

    def send(self, node_id: str, data: bytes) -> bool:
        """Keep words for a node that speaks by this road; False: it does not."""
        return self._sessions.send(node_id, data)

    def forget(self, node_id: str) -> None:
        """The node speaks by another road now."""
        self._sessions.left(node_id)

    def close(self) -> None:
        """Let go of requests that are kept open."""
        self._sessions.close()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        status, said, words = self._answer(environ)
        body = bag.pack(words)
        headers = [("Content-Type", "application/cbor"), ("Content-Length", str(len(body)))]
        start(f"{status.value} {status.phrase}", headers + list(said.items()))
        return [body]

    def _answer(self, environ: Environ) -> Answer:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return HTTPStatus.NOT_FOUND, {}, []
        session = self._sessions.of(_header(environ, SESSION))
        if session is not None and self._node_key(session.node_id) is not None:
            return self._serve(environ, session)
        if (signed := _header(environ, KNOCK)) is not None:
            return self._open(signed)
        return HTTPStatus.UNAUTHORIZED, {CHALLENGE: self._sessions.challenge().hex()}, []

    def _open(self, signed: str) -> Answer:
        try:
            data = base64.urlsafe_b64decode(signed)
            said = knock.decode(payload_of(data))
            key = self._node_key(said.node_id)
            if key is None or not self._sessions.is_fresh(said.challenge):
                return HTTPStatus.FORBIDDEN, {}, []
            verified(data, key)
        except (WireError, ValueError):
            return HTTPStatus.FORBIDDEN, {}, []
        return HTTPStatus.OK, {SESSION: self._sessions.grant(said.node_id)}, []

    def _serve(self, environ: Environ, session: Session) -> Answer:
        length = _length(environ)
        if length is None:
            return HTTPStatus.BAD_REQUEST, {}, []
        if not self._sessions.has_room(session, length):
            return HTTPStatus.TOO_MANY_REQUESTS, {}, []
        try:
            brought = bag.unpack(environ["wsgi.input"].read(length))
        except WireError:
            return HTTPStatus.BAD_REQUEST, {}, []
        if brought:
            self._sessions.spoke(session)
        for data in brought:
            self._put(FromNode(session.node_id, data))
        if "wait" in (_header(environ, "Prefer") or ""):
            self._sessions.wait(session, WAIT_S)
        return HTTPStatus.OK, {}, self._sessions.taken(session)


class DoorwayServer:
    """Serves a doorway and what stands beside it over TLS 1.3, on threads of its own.

    Start once, stop once.
    """

    def __init__(
        self, doorway: Doorway, beside: dict[str, Wsgi], host: str, port: int, files: TlsFiles
    ) -> None:
        """Take the port. ``beside`` is served below its paths. Raises BrokerError: which port."""
        self.port = ports.claim(host, port)
        self._doorway = doorway
        served = DispatcherMiddleware(doorway, beside)
        self._server = Server((host, self.port), served, numthreads=THREADS, server_name="nezlam")
        self._server.max_request_header_size = HEADER_BYTES_MAX
        self._server.max_request_body_size = BODY_BYTES_MAX
        self._server.shutdown_timeout = 1
        self._server.ssl_adapter = _Patient(str(files.certificate), str(files.key))
        self._thread = threading.Thread(target=self._server.serve, name="doorway", daemon=True)

    def start(self) -> None:
        self._server.prepare()
        self._thread.start()

    def stop(self) -> None:
        self._doorway.close()
        self._server.stop()


class _Patient(BuiltinSSLAdapter):
    """TLS 1.3, and whoever shakes hands slowly keeps a worker waiting, not the one who accepts."""

    def __init__(self, certificate: str, key: str) -> None:
        super().__init__(certificate, key)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3

    def wrap(self, sock: Any) -> tuple[ssl.SSLSocket, dict[str, str]]:
        """The handshake is done by the first read."""
        opened = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return opened, {"wsgi.url_scheme": "https"}


def _header(environ: Environ, name: str) -> str | None:
    value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    return None if value is None else str(value)


def _length(environ: Environ) -> int | None:
    """None: not the length of a bag. Told by the header, before anything is read."""
    said = str(environ.get("CONTENT_LENGTH") or "")
    if not said.isascii() or not said.isdigit() or len(said) > len(str(bag.BAG_BYTES_MAX)):
        return None
    return int(said) if int(said) <= bag.BAG_BYTES_MAX else None
