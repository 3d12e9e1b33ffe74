"""Households after their edits: what all nodes wrote of one is merged, in any order of arrival."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select, update

from central.store import doubles, registered
from central.store.contents import read
from central.store.logged import Logged
from central.store.tables import collisions, edits, households, persons, records
from sync.merge.household import standing
from sync.wire.kinds.household import HouseholdEdited, HouseholdRegistered
from sync.wire.places import public_id

_PLACE = ("node_id", "epoch", "lane", "seq")
_ASKED_AT_ONCE = 500  # SQLite takes no more than some thousand values in a statement


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add the edits among these records, and merge the households that they are about."""
    fresh = [(one, edit) for one in logged if (edit := edit_of(one)) is not None]
    if fresh:
        connection.execute(edits.insert(), [one.place() | {"about": e.about} for one, e in fresh])
    touched = {edit.about for _, edit in fresh} | awaited(connection, logged)
    now_ms = max((one.arrived_at_ms for one in logged), default=0)
    for about in sorted(touched):
        _merge(connection, about, now_ms)


def edit_of(logged: Logged) -> HouseholdEdited | None:
    """None: it is no edit, or one of two machines under one name."""
    record = logged.contents.record
    return record if isinstance(record, HouseholdEdited) and not logged.cloned else None


def awaited(connection: Connection, logged: Sequence[Logged]) -> set[str]:
    """Public ids of the households among these records whose edits came before them."""
    names = [
        public_id(one.node_id, one.stream, one.seq)
        for one in logged
        if isinstance(one.contents.record, HouseholdRegistered) and not one.cloned
    ]
    found: set[str] = set()
    for start in range(0, len(names), _ASKED_AT_ONCE):
        some = names[start : start + _ASKED_AT_ONCE]
        found |= set(connection.execute(_abouts(some)).scalars())
    return found


def first_of(connection: Connection, about: str) -> tuple[Any, HouseholdRegistered] | None:
    """A household as it was registered, with its row; None: it is not here."""
    same = and_(*(households.c[name] == records.c[name] for name in _PLACE))
    row = connection.execute(
        select(records.c.entry, *(households.c[name] for name in _PLACE), records.c.reading_ms)
        .select_from(households.join(records, same))
        .where(households.c.public_id == about)
        .order_by(records.c.position)
        .limit(1)
    ).first()
    if row is None:
        return None
    record = read(row.entry).record
    assert isinstance(record, HouseholdRegistered)
    return row, record


def edits_of(connection: Connection, about: str) -> list[tuple[str, HouseholdEdited]]:
    """(node, edit) in the order of arrival."""
    same = and_(*(edits.c[name] == records.c[name] for name in _PLACE))
    rows = connection.execute(
        select(edits.c.node_id, records.c.entry)
        .select_from(edits.join(records, same))
        .where(edits.c.about == about)
        .order_by(records.c.position)
    )
    found = [(row.node_id, read(row.entry).record) for row in rows]
    return [(node_id, one) for node_id, one in found if isinstance(one, HouseholdEdited)]


def _abouts(names: Collection[str]) -> Any:
    return select(edits.c.about).where(edits.c.about.in_(names)).distinct()


def _merge(connection: Connection, about: str, now_ms: int) -> None:
    found = first_of(connection, about)
    if found is None:
        return  # its registration is still on its way
    row, first = found
    merged = standing(first, [edit for _, edit in edits_of(connection, about)])
    place = {name: getattr(row, name) for name in _PLACE}
    connection.execute(
        update(households)
        .filter_by(**place)
        .values(**registered.values(merged.household), removed=merged.is_removed)
    )
    connection.execute(persons.delete().filter_by(**place))
    doubles.drop_keys(connection, place)
    registered.put_people(connection, [(place, merged.household)])
    _note(connection, about, merged.collisions, now_ms)


def _note(connection: Connection, about: str, fields: Sequence[str], now_ms: int) -> None:
    """A collision that stays keeps the time at which it was found."""
    of_it = collisions.c.about == about
    known = set(connection.execute(select(collisions.c.field).where(of_it)).scalars())
    connection.execute(collisions.delete().where(of_it, collisions.c.field.not_in(fields)))
    fresh = [
        {"about": about, "field": name, "found_at_ms": now_ms}
        for name in fields
        if name not in known
    ]
    if fresh:
        connection.execute(collisions.insert(), fresh)
