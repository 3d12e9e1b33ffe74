"""Which bytes of one file to ask for next: few and small requests, asked again, resumed. No I/O."""

from dataclasses import dataclass, field
from enum import Enum, auto

from sync.wire.pieces import PIECE_BYTES_MAX, Piece

LENGTH_MIN, LENGTH_FIRST = 1024, 4096  # powers of two: nodes that ask alike share central's work
IN_FLIGHT_MAX = 2  # records go first: an ack waits behind two pieces at most
QUICK_MS, SLOW_MS = 1_500, 6_000  # a piece that took less may be larger, one that took more smaller
PATIENCE_MIN_MS, PATIENCE_MAX_MS = 10_000, 120_000


class End(Enum):
    """Why no more of a file is asked for."""

    WHOLE = auto()
    ABSENT = auto()
    TOO_LARGE = auto()
    CHANGED = auto()  # another file lies under its name now: what is here is worth nothing


@dataclass(frozen=True, slots=True)
class Ask:
    offset: int
    length: int


@dataclass(slots=True)
class Pace:
    """What was learned of the link; it outlives a file."""

    length: int = LENGTH_FIRST
    patience_ms: int = PATIENCE_MIN_MS

    def answered(self, took_ms: int) -> None:
        self.patience_ms = min(PATIENCE_MAX_MS, max(PATIENCE_MIN_MS, 4 * took_ms))
        if took_ms < QUICK_MS:
            self.length = min(PIECE_BYTES_MAX, 2 * self.length)
        elif took_ms > SLOW_MS:
            self.length = max(LENGTH_MIN, self.length // 2)

    def silent(self) -> None:
        self.length = max(LENGTH_MIN, self.length // 2)
        self.patience_ms = min(PATIENCE_MAX_MS, 2 * self.patience_ms)


@dataclass(slots=True)
class _Sent:
    length: int
    at_ms: int
    until_ms: int


@dataclass(slots=True)
class Ranges:
    """One file. Feed it pieces; send what ``due`` says; keep what ``take`` gives, in order.

    Attributes:
        have: bytes that are kept already, from the beginning on.
        bytes_max: a longer file is refused.
        total: of the whole file, once a piece has told it.
    """

    have: int
    bytes_max: int
    pace: Pace
    total: int | None = None
    _sent: dict[int, _Sent] = field(default_factory=dict)
    _early: dict[int, bytes] = field(default_factory=dict)

    @property
    def deadline_ms(self) -> int | None:
        """When ``due`` must be asked again at the latest."""
        return min((sent.until_ms for sent in self._sent.values()), default=None)

    def due(self, now_ms: int) -> list[Ask]:
        """What to ask for now."""
        late = [offset for offset, sent in self._sent.items() if now_ms >= sent.until_ms]
        for offset in late:
            del self._sent[offset]
        if late:
            self.pace.silent()
        asks = []
        while len(self._sent) < (1 if self.total is None else IN_FLIGHT_MAX):
            if (ask := self._next()) is None:
                break
            self._sent[ask.offset] = _Sent(ask.length, now_ms, now_ms + self.pace.patience_ms)
            asks.append(ask)
        return asks

    def take(self, piece: Piece, now_ms: int) -> tuple[bytes, End | None]:
        """Give the bytes that now follow ``have``, and whether that was all."""
        if piece.total is None:
            return b"", End.ABSENT
        if piece.total > self.bytes_max:
            return b"", End.TOO_LARGE
        if piece.total != (self.total if self.total is not None else piece.total):
            return b"", End.CHANGED
        if self.have > piece.total:
            return b"", End.CHANGED
        self.total = piece.total
        sent = self._sent.pop(piece.offset, None)
        if sent is not None and 0 < len(piece.data) <= sent.length:
            self.pace.answered(now_ms - sent.at_ms)
            self._early[piece.offset] = piece.data
        fresh = b""
        while (data := self._early.pop(self.have + len(fresh), None)) is not None:
            fresh += data
        self.have += len(fresh)
        return fresh, self._end()

    def _end(self) -> End | None:
        assert self.total is not None
        if self.have > self.total:
            return End.CHANGED
        return End.WHOLE if self.have == self.total else None

    def _next(self) -> Ask | None:
        """The first bytes that are neither here nor on their way."""
        taken = {offset: sent.length for offset, sent in self._sent.items()}
        taken |= {offset: len(data) for offset, data in self._early.items()}
        offset = self.have
        while offset in taken:
            offset += taken[offset]
        if self.total is not None and offset >= self.total:
            return None
        later = [other for other in taken if other > offset]
        return Ask(offset, min(self.pace.length, min(later, default=1 << 62) - offset))
