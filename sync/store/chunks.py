"""How far a file has come, and where in its chunks a range of it lies: nothing but numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.wire.kinds.media import CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Run:
    """The chunks of one file in the media lane: consecutive, from ``first`` on."""

    first: int
    count: int

    @property
    def last(self) -> int:
        return self.first + self.count - 1

    def passed(self, mark: int) -> int:
        """How many of the chunks a watermark has passed."""
        return min(max(mark - self.first + 1, 0), self.count)


@dataclass(frozen=True, slots=True)
class Cut:
    """Part of one chunk: bytes ``start`` up to ``end`` of chunk ``number``."""

    number: int
    start: int
    end: int


def cuts(size: int, start: int, end: int) -> Iterator[Cut]:
    """What of which chunks makes up the bytes ``start`` up to ``end`` of a file."""
    assert 0 <= start <= end <= size
    at = start
    while at < end:
        number, inside = divmod(at, CHUNK_BYTES)
        until = min(CHUNK_BYTES, inside + end - at)
        yield Cut(number, inside, until)
        at += until - inside
