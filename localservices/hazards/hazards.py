"""Hazards in the working set: the reports of this node, what was told later, what central says."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlite_utils import Database, Migrations

from sync.store.working import Projected, Projection
from sync.wire import hazard_codes
from sync.wire.kinds.hazard import HazardDetailed, HazardReported, HazardSettled, Standing
from sync.wire.lanes import Lane
from sync.wire.places import Stream

migrations = Migrations("hazards")


@migrations()
def m001_hazards(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE hazards (
            n           INTEGER PRIMARY KEY, -- the order of writing
            public_id   TEXT NOT NULL UNIQUE,
            ref         BLOB NOT NULL,
            epoch       BLOB NOT NULL,
            lane        INTEGER NOT NULL,
            seq         INTEGER NOT NULL,
            saved_ms    INTEGER NOT NULL,
            device      TEXT NOT NULL,
            lat_e5      INTEGER,
            lon_e5      INTEGER,
            accuracy_m  INTEGER,
            landmark    TEXT NOT NULL,
            people_near INTEGER,
            marked      INTEGER,
            near_to     BLOB NOT NULL
        ) STRICT;
        CREATE INDEX hazards_by_ref ON hazards (ref);
        CREATE INDEX hazards_by_latitude ON hazards (lat_e5);
        CREATE TABLE hazard_details ( -- in the order of writing; later words count
            n     INTEGER PRIMARY KEY,
            about TEXT NOT NULL,
            told  TEXT NOT NULL -- JSON
        ) STRICT;
        CREATE INDEX hazard_details_by_report ON hazard_details (about);
        CREATE TABLE hazard_standings (
            about    TEXT PRIMARY KEY,
            standing TEXT NOT NULL,
            came_ms  INTEGER NOT NULL
        ) STRICT;
        """
    )


_REPORT = tuple(field.name for field in fields(HazardReported))


@dataclass(frozen=True, slots=True)
class Known:
    """A report as staff see it. ``settled_ms`` None: central has not said anything of it yet."""

    report: HazardReported
    public_id: str
    ref: bytes
    stream: Stream
    seq: int
    saved_ms: int
    standing: Standing = Standing.OPEN
    settled_ms: int | None = None

    @property
    def code(self) -> str:
        return hazard_codes.code_of(self.ref)


def newest(db: Database, limit: int) -> list[Known]:
    return _known(db, "", (), f"ORDER BY hazards.n DESC LIMIT {limit:d}")


def within(db: Database, south_e5: int, north_e5: int) -> list[Known]:
    """Those with a point between two latitudes, the newest first."""
    return _known(db, "WHERE lat_e5 BETWEEN ? AND ?", (south_e5, north_e5), "ORDER BY n DESC")


def by_public_id(db: Database, public_id: str) -> Known | None:
    return next(iter(_known(db, "WHERE public_id = ?", (public_id,), "")), None)


def by_ref(db: Database, ref: bytes) -> Known | None:
    return next(iter(_known(db, "WHERE ref = ?", (ref,), "ORDER BY n")), None)


def linked_to(db: Database, ref: bytes) -> list[Known]:
    """Later reports of the same place."""
    return _known(db, "WHERE near_to = ?", (ref,), "ORDER BY n")


def told_of(db: Database, public_id: str) -> list[HazardDetailed]:
    rows = db.execute("SELECT told FROM hazard_details WHERE about = ? ORDER BY n", [public_id])
    found = [json.loads(told) for (told,) in rows.fetchall()]
    return [HazardDetailed(**one | {"threatens": tuple(one["threatens"])}) for one in found]


def _known(db: Database, where: str, values: tuple[object, ...], order: str) -> list[Known]:
    """``where`` and ``order`` are our own words; what people typed is in ``values``."""
    rows = db.query(
        f"SELECT hazards.*, standing, came_ms FROM hazards"  # noqa: S608  our own words
        f" LEFT JOIN hazard_standings ON about = public_id {where} {order}",
        values,
    )
    return [_of_row(row) for row in rows]


def _of_row(row: dict[str, Any]) -> Known:
    said = {name: row[name] for name in _REPORT}
    marked = None if said["marked"] is None else bool(said["marked"])
    report = HazardReported(**said | {"marked": marked})
    return Known(
        report,
        str(row["public_id"]),
        bytes(row["ref"]),
        Stream(bytes(row["epoch"]), Lane(row["lane"])),
        int(row["seq"]),
        int(row["saved_ms"]),
        Standing(row["standing"] or Standing.OPEN),
        row["came_ms"],
    )


def _apply(db: Database, projected: Projected) -> None:
    """Other kinds of records are not ours."""
    match projected.record:
        case HazardReported() as report:
            _add(db, report, projected)
        case HazardDetailed() as told:
            details = {"about": told.about, "told": json.dumps(asdict(told), ensure_ascii=False)}
            db.table("hazard_details").insert(details)
        case HazardSettled(about, standing) if standing in list(Standing):
            said = {"about": about, "standing": standing, "came_ms": projected.saved_ms}
            db.table("hazard_standings").insert(said, replace=True)
        case _:
            return


def _add(db: Database, report: HazardReported, projected: Projected) -> None:
    stream, seq = projected.stream, projected.seq
    node_id = projected.public_id.rsplit("-", 3)[0]
    place = {"epoch": stream.epoch, "lane": int(stream.lane), "seq": seq}
    names = {
        "public_id": projected.public_id,
        "ref": hazard_codes.ref_of(node_id, stream, seq),
        "saved_ms": projected.saved_ms,
    }
    said = {name: getattr(report, name) for name in _REPORT}
    db.table("hazards").insert(names | place | said, ignore=True)


def _forget(db: Database, stream: Stream, seq: int) -> None:
    """What was told of a report goes with it, whatever its own place is."""
    db.execute(
        "DELETE FROM hazards WHERE epoch = ? AND lane = ? AND seq <= ?",
        [stream.epoch, int(stream.lane), seq],
    )
    for table in ("hazard_details", "hazard_standings"):
        db.execute(
            f"DELETE FROM {table} WHERE about NOT IN (SELECT public_id FROM hazards)"  # noqa: S608
        )


projection = Projection(migrations, _apply, _forget)
