"""Finds documents in a registry that lies in memory or is mapped into it."""

import struct
from dataclasses import dataclass, field

from sync.wire.errors import MalformedError
from sync.wire.registry.form import (
    HEAD_BYTES_MAX,
    PER_BUCKET,
    STATUS_BITS,
    Head,
    gaps,
    read_head,
    status_at,
)

_ENTRY = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Registry:
    """One edition. Any thread may ask. ``data`` may be a memory map: a look touches some pages."""

    head: Head
    data: memoryview = field(repr=False)
    index_at: int
    buckets_at: int
    statuses_at: int

    def rank(self, hashed: int) -> int | None:
        """Which of all documents it is; None: it is not here. Raises MalformedError: spoiled."""
        bucket, low = divmod(self.head.place(hashed), PER_BUCKET << self.head.shift)
        rank, begin = self._entry(bucket)
        after, end = self._entry(bucket + 1)
        place = 0
        codes = bytes(self.data[self.buckets_at + begin : self.buckets_at + end])
        for one, gap in enumerate(gaps(codes, self.head.shift), start=rank):
            place += gap
            if place >= low:
                return one if place == low and one < after else None
        return None

    def status(self, rank: int) -> int:
        return status_at(self.data[self.statuses_at :], rank)

    def _entry(self, bucket: int) -> tuple[int, int]:
        found: tuple[int, int] = _ENTRY.unpack_from(self.data, self.index_at + bucket * 8)
        return found


def opened(data: memoryview) -> Registry:
    """Raises MalformedError: no registry, or not a whole one."""
    head, index_at = read_head(bytes(data[: 12 + HEAD_BYTES_MAX]))
    buckets_at = index_at + (head.buckets + 1) * _ENTRY.size
    if len(data) < buckets_at:
        raise MalformedError("a registry that is cut off")
    count, size = _ENTRY.unpack_from(data, buckets_at - _ENTRY.size)
    statuses_at = buckets_at + size
    whole = statuses_at + -(-count * STATUS_BITS // 8)
    if count != head.count or len(data) != whole:
        raise MalformedError("a registry that is cut off")
    return Registry(head, data, index_at, buckets_at, statuses_at)
