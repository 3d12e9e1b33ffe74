"""Hands the catalogue out: one signed piece for all who ask, at a pace, each node in its turn."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.catalogue.edition import TIMESTAMP
from sync.wire import messages
from sync.wire.pieces import PIECE_BYTES_MAX, Piece, Want
from sync.wire.repository import DELTAS, METADATA, TARGETS
from sync.wire.sign import sign

CACHE_BYTES_MAX = 64 * 1024 * 1024
NODES_WAITING_MAX = 65_536  # then a want is let go; its node asks again
WANTS_EACH_MAX = 4  # of a node; it has two on their way
BYTES_PER_S = 8 * 1024 * 1024  # beside acks and answers, which come first
_BURST_BYTES = 256 * 1024
_LENGTH_MIN = 512


class Pieces:
    """Pieces of the files in a folder, signed once and kept as long as there is room."""

    def __init__(
        self,
        folder: Path,
        signing: Ed25519PrivateKey,
        cache_bytes_max: int = CACHE_BYTES_MAX,
    ) -> None:
        self.cached_bytes = 0
        self._folder, self._signing = folder, signing
        self._bytes_max = cache_bytes_max
        self._cache: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._files: dict[str, int] = {}  # only these are ever read: names come from outside
        self._seen: object = None

    def reload(self) -> bool:
        """Look what is in force; whether that has changed."""
        seen = None
        with suppress(OSError):
            timestamp = (self._folder / TIMESTAMP).stat()
            seen = timestamp.st_mtime_ns, timestamp.st_ino
        if seen == self._seen:
            return False
        self._seen = seen
        self._files = dict(self._found())
        self._forget(key for key in self._cache if key[0] == TIMESTAMP)  # the only name that lasts
        return True

    def of(self, name: str, offset: int, length: int) -> bytes:
        """Give the signed piece; of a file that is not there, one that says so."""
        length = _rounded(length)
        key = name, offset, length
        if (known := self._cache.get(key)) is not None:
            self._cache.move_to_end(key)
            return known
        piece = self._read(*key)
        made = sign(messages.encode(piece), self._signing)
        if piece.total is not None:
            self._keep(key, made)
        return made

    def _read(self, name: str, offset: int, length: int) -> Piece:
        total = self._files.get(name)
        if total is None:
            return Piece(name, 0, None, b"")
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(min(offset, total))
                return Piece(name, offset, total, file.read(length))
        except OSError:  # tidied meanwhile
            return Piece(name, 0, None, b"")

    def _found(self) -> Iterable[tuple[str, int]]:
        published = ((self._folder / name).rglob("*") for name in (METADATA, TARGETS, DELTAS))
        for path in itertools.chain.from_iterable(published):
            with suppress(OSError):
                if path.is_file() and not path.name.startswith("."):
                    yield path.relative_to(self._folder).as_posix(), path.stat().st_size

    def _keep(self, key: tuple[str, int, int], made: bytes) -> None:
        self._cache[key] = made
        self.cached_bytes += len(made)
        while self.cached_bytes > self._bytes_max:
            _, oldest = self._cache.popitem(last=False)
            self.cached_bytes -= len(oldest)

    def _forget(self, keys: Iterable[tuple[str, int, int]]) -> None:
        for key in list(keys):
            self.cached_bytes -= len(self._cache.pop(key))


class Counter:
    """Owns one thread. ``ask`` and ``announce`` may be called from any other.

    Attributes:
        dropped: wants that found the queue full.
    """

    def __init__(
        self, pieces: Pieces, send: Callable[[str, bytes], None], bytes_per_s: int = BYTES_PER_S
    ) -> None:
        self.dropped = 0
        self._pieces, self._send, self._bytes_per_s = pieces, send, bytes_per_s
        self._queue: OrderedDict[str, OrderedDict[tuple[str, int], int]] = OrderedDict()
        self._turn = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._turn:
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self, want: Want) -> None:
        """Queue if there is room. Never blocks."""
        with self._turn:
            wants = self._queue.get(want.node_id)
            if wants is None:
                if len(self._queue) >= NODES_WAITING_MAX:
                    self.dropped += 1
                    return
                wants = self._queue[want.node_id] = OrderedDict()
            wants[want.name, want.offset] = want.length
            if len(wants) > WANTS_EACH_MAX:
                wants.popitem(last=False)
            self._turn.notify()

    def announce(self, node_ids: Iterable[str]) -> None:
        """Tell nodes that something is new, by an answer that they did not ask for."""
        for node_id in node_ids:
            self.ask(Want(node_id, TIMESTAMP, 0, _LENGTH_MIN * 2))

    def reload(self) -> bool:
        """Look what is in force; whether that has changed."""
        with self._turn:
            return self._pieces.reload()

    def _run(self) -> None:
        ahead = 0
        while (turn := self._next()) is not None:
            node_id, piece = turn
            self._send(node_id, piece)
            ahead += len(piece)
            if ahead >= _BURST_BYTES:  # the rest of the world uses this link too
                self._stopping.wait(ahead / self._bytes_per_s)
                ahead = 0

    def _next(self) -> tuple[str, bytes] | None:
        with self._turn:
            self._turn.wait_for(lambda: self._queue or self._stopping.is_set())
            if self._stopping.is_set():
                return None
            node_id, wants = self._queue.popitem(last=False)
            (name, offset), length = wants.popitem(last=False)
            if wants:
                self._queue[node_id] = wants  # behind all others: each in its turn
            return node_id, self._pieces.of(name, offset, length)


def _rounded(length: int) -> int:
    """Few different lengths, so that nodes on different links share pieces."""
    bounded = max(_LENGTH_MIN, min(length, PIECE_BYTES_MAX))
    return 1 << (bounded.bit_length() - 1)
