"""Registering households and finding them again. Knows no HTTP and no HTML."""

from dataclasses import dataclass
from enum import StrEnum

from localservices.desk import Desk
from localservices.places import place_of
from localservices.registration import households, sought
from localservices.registration.households import Known
from sync.store.store import Journey, Receipt, Store
from sync.wire.kinds.household import HouseholdRegistered
from sync.wire.lanes import Lane

SHOWN_MAX = 50  # households on one page


class Stage(StrEnum):
    """How far a record has come."""

    SAVED = "saved"
    SENT = "sent"
    HELD = "held"  # central has it


@dataclass(frozen=True, slots=True)
class Found:
    """A record on this node. ``known`` is None where the working set does not show it.

    ``journey`` is None for a household that another node registered.
    """

    public_id: str
    journey: Journey | None
    stage: Stage
    known: Known | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list; ``held``: central has it."""

    known: Known
    held: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list. ``number`` counts from 1; ``total`` is None for a search."""

    lines: tuple[Listed, ...]
    number: int
    total: int | None
    more: bool


def register(desk: Desk, household: HouseholdRegistered, form_id: bytes) -> Receipt:
    """Write a household down; the same form again gives the receipt of the first time.

    Raises:
        StoreFullError, StoreFailedError: nothing was saved.
    """
    return desk.store.write(household, once=form_id)


def find(desk: Desk, public_id: str) -> Found | None:
    """A household's journey, and itself while the working set is open; None: not on this node."""
    place = place_of(desk.store, public_id, Lane.PEOPLE)
    journey = desk.store.journey(*place) if place else None
    known = None
    if desk.can_read:
        with desk.reading() as db:
            known = households.by_public_id(db, public_id)
    if journey is None and known is None:
        return None
    return Found(public_id, journey, Stage.HELD if journey is None else _stage(journey), known)


def newest(desk: Desk, number: int) -> Page:
    """One page of all households, the newest first. Raises LockedError."""
    with desk.reading() as db:
        known = households.newest(db, SHOWN_MAX + 1, (number - 1) * SHOWN_MAX)
        total = households.count(db)
    return _page(desk.store, known, number, total)


def search(desk: Desk, query: str) -> Page:
    """Raises LockedError."""
    with desk.reading() as db:
        known = sought.matching(db, query, SHOWN_MAX + 1)
    return _page(desk.store, known, 1, None)


def _page(store: Store, known: list[Known], number: int, total: int | None) -> Page:
    held = {track.stream: track.held for track in store.tracks()}
    lines = [
        Listed(one, one.home is not None or one.seq <= held.get(one.stream, 0))
        for one in known[:SHOWN_MAX]
    ]
    return Page(tuple(lines), number, total, len(known) > SHOWN_MAX)


def _stage(journey: Journey) -> Stage:
    if journey.held_ms is not None:
        return Stage.HELD
    return Stage.SAVED if journey.sent_ms is None else Stage.SENT
