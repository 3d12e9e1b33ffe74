"""A registry as of its newest change: what it began with, and all that came since."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sync.wire.registry import delta, form
from sync.wire.registry.lookup import Registry

BASE, CHANGE = "base", "change-"  # names in a registry's folder of the catalogue


@dataclass(frozen=True)
class Edition:
    """A registry as of its newest change. Statuses and additions are in memory, the rest mapped.

    Attributes:
        made_ms: Unix milliseconds as of which it is complete.
        edition: the name of the newest change that was applied.
    """

    registry: Registry
    statuses: bytes = field(repr=False)
    added: Sequence[int] = field(repr=False)  # place << 2 | status, ascending
    waiting: int  # changes that follow none of those before them
    made_ms: int
    edition: bytes

    def status(self, hashed: int) -> int | None:
        """Of the document of this hash; None: it is not here."""
        place = self.registry.head.place(hashed)
        at = bisect_left(self.added, place << form.STATUS_BITS)
        if at < len(self.added) and self.added[at] >> form.STATUS_BITS == place:
            return self.added[at] & (1 << form.STATUS_BITS) - 1
        rank = self.registry.rank(hashed)
        if rank is None:
            return None
        return form.status_at(self.statuses, rank)


def of(registry: Registry, changes: Iterable[bytes]) -> Edition:
    """``changes`` in their order. Raises MalformedError: one of them is none."""
    head = registry.head
    statuses, added = bytearray(registry.data[registry.statuses_at :]), dict[int, int]()
    newest, made_s, waiting = head.edition, head.made_s, 0
    for data in changes:
        told, edition = delta.decode(data, head.count, head.universe)
        if told.before != newest or told.name != head.name:
            waiting += 1
            continue
        for rank, status in told.changed.items():
            form.put_status(statuses, rank, status)
        added |= told.added
        newest, made_s = edition, told.made_s
    ordered = sorted(place << form.STATUS_BITS | status for place, status in added.items())
    return Edition(registry, bytes(statuses), array("Q", ordered), waiting, made_s * 1000, newest)
