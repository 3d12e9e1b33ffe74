"""Households, persons, quarantine and fleet: derived from the log, and rebuilt from it alone."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from central.store import (
    alerts,
    applications,
    doubles,
    edited,
    evidence,
    hazards,
    media,
    node_keys,
    registered,
    revoked,
)
from central.store.contents import read
from central.store.logged import Logged
from central.store.tables import (
    collisions,
    edits,
    fleet,
    households,
    persons,
    quarantine,
    records,
)
from central.store.upserts import insert
from sync.wire.kinds.household import HouseholdRegistered
from sync.wire.lanes import Lane
from sync.wire.places import Stream

_REBUILD_ROWS = 200  # read and projected at a time; pieces of files weigh 16 KB each

_COUNTS = ("records", "households", "persons", "quarantined", "cloned")


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add records to the projections, in the transaction that adds them to the log."""
    troubled = [one for one in logged if one.contents.trouble is not None]
    _insert(connection, quarantine, [_quarantine_row(one) for one in troubled])
    registered.project(connection, logged)
    edited.project(connection, logged)
    doubles.project(connection, logged)
    media.project(connection, logged)
    node_keys.project(connection, logged)
    revoked.project(connection, logged)
    applications.project(connection, logged)
    hazards.project(connection, logged)
    alerts.project(connection, logged)
    evidence.project(connection, logged)
    _count(connection, logged)


def rebuild(connection: Connection) -> int:
    """Empty the projections and derive them anew. Gives how many records were read."""
    media.clear(connection)
    revoked.clear(connection)
    applications.clear(connection)
    hazards.clear(connection)
    alerts.clear(connection)
    doubles.clear(connection)
    evidence.clear(connection)
    for table in (persons, households, edits, collisions, quarantine, fleet):
        connection.execute(table.delete())
    done = 0
    position = 0
    while rows := _rows_after(connection, position):
        project(connection, [_logged(row) for row in rows])
        position = rows[-1].position
        done += len(rows)
    return done


def _rows_after(connection: Connection, position: int) -> Sequence[Row[Any]]:
    after = records.c.position > position
    limited = select(records).where(after).order_by(records.c.position).limit(_REBUILD_ROWS)
    return connection.execute(limited).all()


def _logged(row: Row[Any]) -> Logged:
    stream = Stream(row.epoch, Lane(row.lane))
    contents = read(row.entry)
    return Logged(row.node_id, stream, row.seq, contents, row.cloned, row.arrived_at_ms)


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _quarantine_row(logged: Logged) -> dict[str, Any]:
    return {**logged.place(), "trouble": logged.contents.trouble}


def _count(connection: Connection, logged: Sequence[Logged]) -> None:
    counted: dict[str, Counter[str]] = {}
    for one in logged:
        counted.setdefault(one.node_id, Counter()).update(_counts_of(one))
    latest = {one.node_id: one.arrived_at_ms for one in logged}
    for node_id, counts in counted.items():
        row = {name: counts[name] for name in _COUNTS}
        statement = insert(connection, fleet).values(
            node_id=node_id, last_record_at_ms=latest[node_id], **row
        )
        sums = {name: fleet.c[name] + statement.excluded[name] for name in _COUNTS}
        last = {"last_record_at_ms": statement.excluded.last_record_at_ms}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["node_id"], set_=sums | last)
        )


def _counts_of(logged: Logged) -> dict[str, int]:
    counts = {"records": 1, "cloned": int(logged.cloned)}
    counts["quarantined"] = int(logged.contents.trouble is not None)
    record = logged.contents.record
    if isinstance(record, HouseholdRegistered) and not logged.cloned:
        counts |= {"households": 1, "persons": len(record.members)}
    return counts
