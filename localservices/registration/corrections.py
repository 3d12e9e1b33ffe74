"""Correcting a household that is here: every change is a record, and nothing is overwritten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localservices.desk import Desk
from localservices.registration import edits, households
from localservices.registration.edits import KnownEdit
from localservices.registration.households import Known
from sync.merge import clock
from sync.merge.fields import Value
from sync.merge.household import Standing
from sync.store.store import Receipt
from sync.wire.kinds.household import REMOVED, HouseholdEdited, HouseholdRegistered
from sync.wire.kinds.household_fields import MEMBER_FIELDS, YES, index_of, to_fields

_NOTHING = Value("")


@dataclass(frozen=True, slots=True)
class Story:
    """A household with all that was changed of it. ``version``: what its reader has seen."""

    known: Known
    standing: Standing
    edits: tuple[KnownEdit, ...]

    @property
    def version(self) -> int:
        return self.edits[-1].n if self.edits else 0

    @property
    def texts(self) -> dict[str, str]:
        return {name: value.text for name, value in self.standing.values.items() if value.text}


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes something, why, and the form by which it is done once."""

    form_id: bytes
    reason: str | None = None


def story(desk: Desk, public_id: str, up_to: int | None = None) -> Story | None:
    """None: no such household is here. ``up_to``: as it was when that edit was the last one.

    Raises:
        LockedError: this person cannot read, or nobody has unlocked.
    """
    with desk.reading() as db:
        known = households.by_public_id(db, public_id)
        first = households.first_of(db, public_id)
        if known is None or first is None:
            return None
        found = [one for one in edits.of(db, public_id) if up_to is None or one.n <= up_to]
        last = found[-1].n if found else 0
        return Story(known, edits.standing(db, public_id, first, last), tuple(found))


def correct(
    desk: Desk, seen: Story, household: HouseholdRegistered, people: Sequence[int], act: Act
) -> list[Receipt]:
    """Write what differs from what was ``seen``; ``people``: the index of each member.

    Raises:
        StoreFullError, StoreFailedError: nothing was saved.
    """
    after = to_fields(household, people)
    gone = {index for name in seen.texts if (index := index_of(name)) is not None} - set(people)
    # All that can be said of who is gone: so that an edit elsewhere collides, and is seen.
    emptied = {f"{name}-{index}" for index in gone for name in MEMBER_FIELDS}
    names = {n for n in seen.texts | after if seen.texts.get(n, "") != after.get(n, "")} | emptied
    changes = {name: after.get(name, "") for name in sorted(names) if name != REMOVED}
    return _write(desk, seen, changes, act)


def remove(desk: Desk, seen: Story, act: Act) -> list[Receipt]:
    """Take a registration out of the list; it can be brought back. Raises as ``correct``."""
    return _write(desk, seen, {REMOVED: YES}, act)


def bring_back(desk: Desk, seen: Story, act: Act) -> list[Receipt]:
    """Raises as ``correct``."""
    return _write(desk, seen, {REMOVED: ""}, act)


def settle(desk: Desk, seen: Story, field: str, text: str, act: Act) -> list[Receipt]:
    """Say which of the texts that collide is right. Raises as ``correct``."""
    said = {edit.text for edit in seen.standing.values.get(field, _NOTHING).live}
    return _write(desk, seen, {field: text}, act) if text in said else []


def _write(desk: Desk, seen: Story, changes: Mapping[str, str], act: Act) -> list[Receipt]:
    records = list(_records(desk, seen, changes, act))
    if not records:
        return []
    acts = [(record, act.form_id + record.field.encode()) for record in records]
    return desk.store.write_together(acts)


def _records(
    desk: Desk, seen: Story, changes: Mapping[str, str], act: Act
) -> Iterator[HouseholdEdited]:
    values = seen.standing.values
    stamps = [one.edit.stamp for one in seen.edits]
    for field, text in changes.items():
        value = values.get(field, _NOTHING)
        drawn = desk.new_id()[-clock.RANDOM_BYTES :]
        stamps.append(clock.stamp_after(stamps, desk.now_ms(), drawn))
        # Who removes a household has seen all of it: what was not seen then must be found again.
        replaced = seen.standing.live if field == REMOVED else {edit.stamp for edit in value.live}
        yield HouseholdEdited(
            about=seen.known.public_id,
            field=field,
            old=value.text,
            new=text,
            stamp=stamps[-1],
            edited_by=desk.staff_name,
            seen=tuple(sorted(replaced)),
            reason=act.reason,
        )
