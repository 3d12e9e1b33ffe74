"""The catalogue in the simulator: a library at central, a reader on each node, real ranges between.

What is newest a small signed file says, as TUF's timestamp does; the files themselves are named by
their hashes. TUF's own rules have their tests with the real thing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.catalogue.ranges import Ask, End, Pace, Ranges
from sync.wire import cbor
from sync.wire.errors import WireError
from sync.wire.pieces import Piece
from sync.wire.sign import sign, verified

NEWEST = "newest"
FILE_BYTES_MAX = 100_000
LOOK_EVERY_MS = 8 * 60_000


class Library:
    """What central has published, every edition of it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.editions: list[bytes] = []
        self._key = key
        self._files: dict[str, bytes] = {}

    def publish(self, content: bytes) -> None:
        name = hashlib.sha256(content).hexdigest()
        self.editions.append(content)
        self._files[name] = content
        self._files[NEWEST] = sign(cbor.encode([len(self.editions), name]), self._key)

    def piece(self, name: str, offset: int, length: int) -> Piece:
        content = self._files.get(name)
        if content is None:
            return Piece(name, 0, None, b"")
        return Piece(name, offset, len(content), content[offset : offset + length])


@dataclass
class Books:
    """What lies on a node's disk, beside the outbox."""

    edition: int = 0
    content: bytes = b""
    begun: dict[str, bytes] = field(default_factory=dict)  # what has come of a file


class Reader:
    """A node's process: looks for the newest now and then, and goes on where it stopped."""

    def __init__(
        self, books: Books, key: Ed25519PublicKey, ask: Callable[[str, Ask], None]
    ) -> None:
        self.look_at_ms = 0
        self._books, self._key, self._ask = books, key, ask
        self._pace = Pace()
        self._wanted: tuple[int, str] | None = None
        self._name: str | None = None
        self._ranges: Ranges | None = None

    def due_ms(self) -> int:
        """When ``tick`` must be called."""
        if self._ranges is not None and (deadline := self._ranges.deadline_ms) is not None:
            return deadline
        return self.look_at_ms

    def tick(self, now_ms: int, *, is_up: bool) -> None:
        """Without a road it is left until the next look; what has come of a file stays."""
        if not is_up:
            self._name = self._ranges = None
            self.look_at_ms = max(self.look_at_ms, now_ms + LOOK_EVERY_MS // 2)
            return
        if self._ranges is None and now_ms >= self.look_at_ms:
            self.look_at_ms = now_ms + LOOK_EVERY_MS
            self._fetch(NEWEST)
        self._send(now_ms)

    def heard(self, piece: Piece, now_ms: int) -> None:
        if piece.name != self._name or self._ranges is None:
            return
        data, end = self._ranges.take(piece, now_ms)
        self._books.begun[piece.name] = self._books.begun.get(piece.name, b"") + data
        if end is not None:
            content = self._books.begun.pop(piece.name)
            self._name = self._ranges = None
            if end is End.WHOLE:
                self._came(piece.name, content)
        self._send(now_ms)

    def _came(self, name: str, content: bytes) -> None:
        if name == NEWEST:
            self._choose(content)
        elif hashlib.sha256(content).hexdigest() == name and self._wanted is not None:
            self._books.edition, self._books.content = self._wanted[0], content

    def _choose(self, content: bytes) -> None:
        try:
            edition, name = cbor.decode(verified(content, self._key), 200)
        except WireError:
            return  # spoiled on the way: the next look brings it
        if edition > self._books.edition:
            self._wanted = edition, name
            self._fetch(name)

    def _fetch(self, name: str) -> None:
        self._name = name
        if name == NEWEST:
            self._books.begun.pop(name, None)
        have = len(self._books.begun.get(name, b""))
        self._ranges = Ranges(have, FILE_BYTES_MAX, self._pace)

    def _send(self, now_ms: int) -> None:
        if self._ranges is not None and self._name is not None:
            for ask in self._ranges.due(now_ms):
                self._ask(self._name, ask)
