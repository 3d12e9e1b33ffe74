"""Gathers a country's documents into a registry: 8 bytes each in memory until it is written."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace

from sync.wire.registry import form
from sync.wire.registry.form import HASH_BITS, PER_BUCKET, STATUS_BITS, Head, Written

_PARTS_BITS = 8  # sorted one after the other, so that few numbers are objects at once


class Builder:
    """Add every document once; of one that is added twice, the graver status counts."""

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(1 << _PARTS_BITS)]

    def add(self, hashed: int, status: int) -> None:
        """``hashed`` has ``HASH_BITS``."""
        part = hashed >> HASH_BITS - _PARTS_BITS
        self._parts[part].append(hashed << STATUS_BITS | status)

    def write(self, head: Head, tick: Callable[[int], None] = lambda _: None) -> Written:
        """``head`` counts nothing yet; ``tick`` hears of documents done. Empty afterwards."""
        added = sum(map(len, self._parts))
        head = replace(head, buckets=max(1, -(-added // PER_BUCKET)))
        places = array("Q")
        for part in self._parts:
            for place, status in _graver(head, sorted(part)):
                places.append(place << STATUS_BITS | status)
            tick(len(part))
            del part[:]
        return form.write(replace(head, count=len(places)), places)


def _graver(head: Head, ordered: list[int]) -> Iterator[tuple[int, int]]:
    """(place, status), no place twice: two hashes on one place are one document to a registry."""
    before, gravest = -1, 0
    for item in ordered:
        place, status = head.place(item >> STATUS_BITS), item & (1 << STATUS_BITS) - 1
        if place != before and before >= 0:
            yield before, gravest
            gravest = 0
        before, gravest = place, max(gravest, status)
    if before >= 0:
        yield before, gravest
