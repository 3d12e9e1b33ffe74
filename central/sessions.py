"""Who speaks through the doorway: nodes that signed a fresh challenge, and what waits for each.

A session is a random token. What a stranger saw of a node, on a stick, a relay or a broker, opens
none: it holds no signature of the challenge that the doorway just gave.
"""

import hmac
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sync.wire import bag

SESSION_MS = 15 * 60_000  # without a word
SESSIONS_MAX = 30_000
CHALLENGE_MS = 60_000  # from being given to being signed, over any link
WORDS_BYTES_MAX = 512 * 1024  # that wait for one node; the oldest are let go: all is said again
BURST_BYTES = 8 * 1024 * 1024  # that one node brings at once; no window of its sender is longer
BYTES_PER_MS = 512  # and then: 4 Mbit/s
WAITING_MAX = 32  # requests that are kept open; others are answered at once, and ask again
_TOKEN_BYTES = 16
_TIME_BYTES, _PROOF_BYTES = 8, 16


@dataclass(slots=True)
class Session:
    """Guarded by the lock of ``Sessions``."""

    node_id: str
    token: str
    until_ms: int
    speaks: bool = False  # by this road, as far as is known
    words: deque[bytes] = field(default_factory=deque)
    room: int = BURST_BYTES
    room_at_ms: int = 0


class Sessions:
    """Any thread may call. ``now_ms`` is monotonic."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._secret = secrets.token_bytes(32)
        self._news = threading.Condition()
        self._by_token: dict[str, Session] = {}
        self._by_node: dict[str, Session] = {}
        self._waiting = 0
        self._closed = False

    def challenge(self) -> bytes:
        """Remembered by nobody: strangers may ask for any number."""
        return self._proved(self._now_ms().to_bytes(_TIME_BYTES))

    def is_fresh(self, challenge: bytes) -> bool:
        """Whether it was given here, lately."""
        given = challenge[:_TIME_BYTES]
        age_ms = self._now_ms() - int.from_bytes(given)
        return 0 <= age_ms <= CHALLENGE_MS and hmac.compare_digest(self._proved(given), challenge)

    def grant(self, node_id: str) -> str:
        """The token of a node that has shown who it is."""
        with self._news:
            session = self._by_node.get(node_id)
            if session is None:
                self._tidy()
                session = Session(node_id, secrets.token_urlsafe(_TOKEN_BYTES), 0)
                self._by_token[session.token] = self._by_node[node_id] = session
            session.until_ms = self._now_ms() + SESSION_MS
            return session.token

    def of(self, token: str | None) -> Session | None:
        """Whose token it is; None: nobody's, or not any more."""
        with self._news:
            session = self._by_token.get(token or "")
            now_ms = self._now_ms()
            if session is None or session.until_ms < now_ms:
                return None
            session.until_ms = now_ms + SESSION_MS
            return session

    def has_room(self, session: Session, size: int) -> bool:
        """Whether the node may bring ``size`` bytes more now."""
        with self._news:
            now_ms = self._now_ms()
            grown = session.room + (now_ms - session.room_at_ms) * BYTES_PER_MS
            session.room, session.room_at_ms = min(grown, BURST_BYTES) - size, now_ms
            return session.room >= 0

    def spoke(self, session: Session) -> None:
        """The node brought words: answers go this way."""
        with self._news:
            session.speaks = True

    def left(self, node_id: str) -> None:
        """The node speaks by another road now."""
        with self._news:
            if (session := self._by_node.get(node_id)) is not None:
                session.speaks = False

    def send(self, node_id: str, data: bytes) -> bool:
        """Keep words for a node that speaks by this road; False: it does not."""
        with self._news:
            session = self._by_node.get(node_id)
            if session is None or not session.speaks or session.until_ms < self._now_ms():
                return False
            session.words.append(data)
            while sum(map(len, session.words)) > WORDS_BYTES_MAX:
                session.words.popleft()
            self._news.notify_all()
            return True

    def wait(self, session: Session, seconds: float) -> None:
        """Until there are words for the node; not at all where too many wait already."""
        with self._news:
            if self._waiting >= WAITING_MAX:
                return
            self._waiting += 1
            try:
                self._news.wait_for(lambda: self._closed or bool(session.words), seconds)
            finally:
                self._waiting -= 1

    def taken(self, session: Session) -> list[bytes]:
        """What waits for the node, as much as one bag takes."""
        with self._news:
            found: list[bytes] = []
            room = bag.BAG_BYTES_MAX // 2
            while session.words and (room := room - len(session.words[0])) >= 0:
                found.append(session.words.popleft())
            return found

    def close(self) -> None:
        """Let go of everybody who waits."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _proved(self, given: bytes) -> bytes:
        return given + hmac.digest(self._secret, given, "sha256")[:_PROOF_BYTES]

    def _tidy(self) -> None:
        now_ms = self._now_ms()
        over = [one for one in self._by_token.values() if one.until_ms < now_ms]
        if not over and len(self._by_token) >= SESSIONS_MAX:
            over = [next(iter(self._by_token.values()))]
        for session in over:
            del self._by_token[session.token], self._by_node[session.node_id]
