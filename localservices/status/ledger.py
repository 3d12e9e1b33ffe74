"""The ledger: what was captured here and what central holds of it. Knows no HTTP and no HTML."""

from dataclasses import dataclass

from localservices.facts import Progress
from sync.store import ledger
from sync.store.store import Store
from sync.wire.lanes import Lane
from sync.wire.places import public_id

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Account:
    """One lane, in records. ``agrees``: what central holds has the hashes that we have."""

    lane: Lane
    captured: int
    held: int
    agrees: bool

    @property
    def is_whole(self) -> bool:
        return self.captured == self.held and self.agrees


@dataclass(frozen=True, slots=True)
class Missing:
    """A record that central has not confirmed. ``why`` is a code."""

    public_id: str
    lane: Lane
    saved_ms: int
    why: str


def accounts(store: Store, progress: Progress) -> list[Account]:
    """By lane, over all starts of the node; records that were purged count as well."""
    return [
        Account(lane, depth.written, depth.held, lane.name.lower() not in progress.differing)
        for lane, depth in store.depths().items()
    ]


def missing(store: Store, progress: Progress) -> list[Missing]:
    """The first of those that central has not confirmed, the most urgent lane first."""
    rows = store.look(lambda db: ledger.waiting(db, LISTED_MAX))
    found = []
    for row in rows:
        journey = store.journey(row.stream, row.seq)
        why = "not_sent" if journey is None or journey.sent_ms is None else "sent"
        if row.stream.lane.name.lower() in progress.differing:
            why = "differs"
        name = public_id(store.node_id, row.stream, row.seq)
        found.append(Missing(name, row.stream.lane, row.saved_ms, why))
    return found
