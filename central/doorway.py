"""Central's HTTPS end: bags of signed messages in, and out what central has to say to their node.

Who brings a message that node X has signed is given a session, by which X's own words are fetched.
A request without messages is kept open until there is something to say.
"""

import secrets
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central import ports
from sync.transport.post import PATH, SESSION, WAIT_S
from sync.transport.tls import TlsFiles
from sync.transport.trunk import FromNode
from sync.wire import bag, messages
from sync.wire.errors import SignatureError, WireError
from sync.wire.pieces import Piece
from sync.wire.sign import payload_of, verified

THREADS = 48
WAITING_MAX = 32  # requests that are kept open; others are answered at once, and ask again
SESSION_MS = 10 * 60_000  # without a word
SESSIONS_MAX = 30_000
WORDS_BYTES_MAX = 512 * 1024  # that wait for one node; the oldest are let go: all is said again
_TOKEN_BYTES = 16

Start = Callable[..., Any]
Environ = dict[str, Any]


@dataclass(slots=True)
class _Session:
    """Guarded by the doorway's lock."""

    node_id: str
    until_ms: int
    words: deque[bytes] = field(default_factory=deque)


class Doorway:
    """A WSGI application and its words. Any thread may call."""

    def __init__(
        self,
        put: Callable[[FromNode], None],
        node_key: Callable[[str], Ed25519PublicKey | None],
        now_ms: Callable[[], int],
    ) -> None:
        """``put`` hands a message to the ingest; ``now_ms`` is monotonic."""
        self._put, self._node_key, self._now_ms = put, node_key, now_ms
        self._news = threading.Condition()
        self._sessions: dict[str, _Session] = {}  # by token
        self._tokens: dict[str, str] = {}  # the latest of each node
        self._waiting = 0
        self._closed = False

    def send(self, node_id: str, data: bytes) -> bool:
        """Keep words for a node that was here lately; False: it was not."""
        with self._news:
            session = self._of_node(node_id)
            if session is None:
                return False
            session.words.append(data)
            while sum(map(len, session.words)) > WORDS_BYTES_MAX:
                session.words.popleft()
            self._news.notify_all()
            return True

    def forget(self, node_id: str) -> None:
        """The node speaks by another road now."""
        with self._news:
            self._sessions.pop(self._tokens.pop(node_id, ""), None)

    def close(self) -> None:
        """Let go of requests that are kept open."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        status, token, words = self._answer(environ)
        body = bag.pack(words)
        headers = [("Content-Type", "application/cbor"), ("Content-Length", str(len(body)))]
        if token is not None:
            headers.append((SESSION, token))
        start(status, headers)
        return [body]

    def _answer(self, environ: Environ) -> tuple[str, str | None, list[bytes]]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return "404 Not Found", None, []
        try:
            brought = bag.unpack(_body(environ))
            if not brought:
                token = environ.get(f"HTTP_{SESSION.upper().replace('-', '_')}")
                return "200 OK", token, self._fetch(token)
            node_id = self._owner(brought)
        except WireError:
            return "400 Bad Request", None, []
        for data in brought:
            self._put(FromNode(node_id, data))
        token = self._grant(node_id)
        return "200 OK", token, self._taken(token)

    def _owner(self, brought: list[bytes]) -> str:
        """The one node that these messages claim to be of, shown by the signature of the first.

        Raises:
            WireError: they are not of one node, or not of one that central believes.
        """
        owners = set()
        for data in brought:
            message = messages.decode(payload_of(data))
            if isinstance(message, Piece):
                raise SignatureError("not a node's message")
            owners.add(message.node_id)
        [node_id, *others] = owners
        key = self._node_key(node_id)
        if others or key is None:
            raise SignatureError("not of one known node")
        verified(brought[0], key)
        return node_id

    def _grant(self, node_id: str) -> str:
        with self._news:
            session = self._of_node(node_id)
            if session is None:
                self._tidy()
                token = secrets.token_urlsafe(_TOKEN_BYTES)
                self._sessions[token] = session = _Session(node_id, 0)
                self._tokens[node_id] = token
            session.until_ms = self._now_ms() + SESSION_MS
            return self._tokens[node_id]

    def _fetch(self, token: str | None) -> list[bytes]:
        """Wait for words; without a session there are none. An unknown one is asked to say hello.

        Raises:
            SignatureError: a session that is not, or no longer, known here.
        """
        if token is None:
            return []
        with self._news:
            if token not in self._sessions:
                raise SignatureError("no such session")
            self._sessions[token].until_ms = self._now_ms() + SESSION_MS
            if self._waiting < WAITING_MAX:
                self._waiting += 1
                try:
                    self._news.wait_for(lambda: self._has_news(token), WAIT_S)
                finally:
                    self._waiting -= 1
        return self._taken(token)

    def _has_news(self, token: str) -> bool:
        session = self._sessions.get(token)
        return self._closed or session is None or bool(session.words)

    def _taken(self, token: str) -> list[bytes]:
        with self._news:
            session = self._sessions.get(token)
            if session is None:
                return []
            taken: list[bytes] = []
            room = bag.BAG_BYTES_MAX // 2
            while session.words and (room := room - len(session.words[0])) >= 0:
                taken.append(session.words.popleft())
            return taken

    def _of_node(self, node_id: str) -> _Session | None:
        session = self._sessions.get(self._tokens.get(node_id, ""))
        if session is not None and session.until_ms < self._now_ms():
            self.forget(node_id)
            return None
        return session

    def _tidy(self) -> None:
        now_ms = self._now_ms()
        for session in [one for one in self._sessions.values() if one.until_ms < now_ms]:
            self.forget(session.node_id)
        if len(self._sessions) >= SESSIONS_MAX:
            self.forget(next(iter(self._tokens)))


class DoorwayServer:
    """Serves a doorway over TLS 1.3 on threads of its own. Start once, stop once."""

    def __init__(self, doorway: Doorway, host: str, port: int, files: TlsFiles) -> None:
        """Take the port. Raises BrokerError, which names it."""
        self.port = ports.claim(host, port)
        self._doorway = doorway
        self._server = Server((host, self.port), doorway, numthreads=THREADS, server_name="nezlam")
        self._server.max_request_body_size = bag.BAG_BYTES_MAX
        self._server.shutdown_timeout = 1
        self._server.ssl_adapter = _adapter(files)
        self._thread = threading.Thread(target=self._server.serve, name="doorway", daemon=True)

    def start(self) -> None:
        self._server.prepare()
        self._thread.start()

    def stop(self) -> None:
        self._doorway.close()
        self._server.stop()


def _adapter(files: TlsFiles) -> BuiltinSSLAdapter:
    adapter = BuiltinSSLAdapter(str(files.certificate), str(files.key))
    adapter.context.minimum_version = ssl.TLSVersion.TLSv1_3
    return adapter


def _body(environ: Environ) -> bytes:
    """Raises WireError for what is too long, before it is read."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = bag.BAG_BYTES_MAX + 1
    if not 0 <= length <= bag.BAG_BYTES_MAX:
        raise SignatureError("a body of no bag's length")
    return bytes(environ["wsgi.input"].read(length))
