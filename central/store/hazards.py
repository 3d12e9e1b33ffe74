"""Reported hazards: from the log and from short forms, each once; and how far each has come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from central.store import letters
from central.store.contents import read
from central.store.hazard_tables import (
    hazard_details,
    hazard_shorts,
    hazard_standings,
    hazards,
)
from central.store.logged import Logged
from central.store.tables import records
from central.store.upserts import insert
from sync.wire import entries, hazard_codes
from sync.wire.earth import Point, point
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.hazard import HazardDetailed, HazardReported, HazardSettled, Standing
from sync.wire.places import public_id
from sync.wire.records import from_body, to_body
from sync.wire.short import Short

SHOWN_MAX = 500
_KEY = ("node_id", "ref")


@dataclass(frozen=True, slots=True)
class Hazard:
    """A report as operations see it. ``public_id`` None: only its short form has come."""

    node_id: str
    ref: bytes
    public_id: str | None
    reported_at_ms: int
    came_at_ms: int
    report: HazardReported
    standing: Standing
    details: tuple[HazardDetailed, ...] = ()

    @property
    def code(self) -> str:
        return hazard_codes.code_of(self.ref)

    @property
    def point(self) -> Point | None:
        lat_e5, lon_e5 = self.report.lat_e5, self.report.lon_e5
        return None if lat_e5 is None or lon_e5 is None else point(lat_e5, lon_e5)


def clear(connection: Connection) -> None:
    """What operations said of hazards stays."""
    for table in (hazard_details, hazards):
        connection.execute(table.delete())
    for row in connection.execute(select(hazard_shorts)).all():
        entry = entries.decode(row.entry)
        report = from_body(entry.kind, entry.body)
        assert isinstance(report, HazardReported)
        key = {"node_id": row.node_id, "ref": row.ref}
        _put(connection, key, report, entry.stamp.reading_ms, row.came_at_ms)


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add the reports and details among these records."""
    for one in logged:
        record, stamp = one.contents.record, one.contents.stamp
        if one.cloned or stamp is None:
            continue
        if isinstance(record, HazardReported):
            ref = hazard_codes.ref_of(one.node_id, one.stream, one.seq)
            name = public_id(one.node_id, one.stream, one.seq)
            key = {"node_id": one.node_id, "ref": ref}
            _put(connection, key, record, stamp.reading_ms, one.arrived_at_ms, name)
        elif isinstance(record, HazardDetailed):
            row = one.place() | {"about": record.about}
            connection.execute(hazard_details.insert(), row)


def take_short(
    connection: Connection, node_id: str, said: Short, message: bytes, now_ms: int
) -> bool:
    """Keep a short form; False: its report is here already."""
    key = {"node_id": node_id, "ref": said.ref}
    if connection.execute(select(hazards.c.ref).filter_by(**key)).first() is not None:
        return False
    stamp = Stamp(said.written_s * 1000)
    entry = entries.encode(Entry(said.report.kind, stamp, to_body(said.report)))
    row = key | {"message": message, "entry": entry, "came_at_ms": now_ms}
    connection.execute(hazard_shorts.insert(), row)
    _put(connection, key, said.report, stamp.reading_ms, now_ms)
    return True


def settle(
    connection: Connection, one: Hazard, standing: Standing, settled_by: str, now_ms: int
) -> None:
    """Note how far it has come, and tell its node."""
    key = {"node_id": one.node_id, "ref": one.ref}
    said = {"standing": standing.value, "settled_by": settled_by, "settled_at_ms": now_ms}
    statement = insert(connection, hazard_standings).values(**key, **said)
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=said))
    if one.public_id is not None:
        settled = HazardSettled(one.public_id, standing.value, settled_by)
        letters.write(connection, one.node_id, settled, now_ms)


def newest(connection: Connection) -> list[Hazard]:
    """The last ones that came, the newest first, without details."""
    rows = connection.execute(_asked().order_by(hazards.c.came_at_ms.desc()).limit(SHOWN_MAX))
    return [_hazard(row) for row in rows]


def find(connection: Connection, ref: bytes) -> Hazard | None:
    """By its ref, whole."""
    row = connection.execute(_asked().where(hazards.c.ref == ref)).first()
    if row is None:
        return None
    same = and_(*(hazard_details.c[n] == records.c[n] for n in ("node_id", "epoch", "lane", "seq")))
    told = connection.execute(
        select(records.c.entry)
        .select_from(hazard_details.join(records, same))
        .where(hazard_details.c.about == row.public_id)
        .order_by(records.c.position)
    )
    found = [read(one.entry).record for one in told]
    return _hazard(row, tuple(one for one in found if isinstance(one, HazardDetailed)))


def _asked() -> Any:
    same = and_(*(hazards.c[name] == hazard_standings.c[name] for name in _KEY))
    joined = hazards.outerjoin(hazard_standings, same)
    return select(hazards, hazard_standings.c.standing).select_from(joined)


def _hazard(row: Any, details: tuple[HazardDetailed, ...] = ()) -> Hazard:
    said = {name: getattr(row, name) for name in HazardReported.__slots__}
    return Hazard(
        row.node_id,
        row.ref,
        row.public_id,
        row.reported_at_ms,
        row.came_at_ms,
        HazardReported(**said),
        Standing(row.standing or Standing.OPEN),
        details,
    )


def _put(
    connection: Connection,
    key: dict[str, Any],
    report: HazardReported,
    reported_at_ms: int,
    came_at_ms: int,
    name: str | None = None,
) -> None:
    """The record of a report that is here by its short form gives it its name, and no more."""
    told = {"public_id": name, "reported_at_ms": reported_at_ms, "came_at_ms": came_at_ms}
    statement = insert(connection, hazards).values(**key, **told, **asdict(report))
    named = {"public_id": statement.excluded.public_id}
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=named))
