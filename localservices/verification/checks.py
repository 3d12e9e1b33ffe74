"""The checks in the working set: what was judged here, without anything of the documents."""

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.store.working import Projected, Projection
from sync.wire.kinds.document import DocumentChecked
from sync.wire.places import Stream

migrations = Migrations("checks")


@migrations()
def m001_checks(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE checks (
            n             INTEGER PRIMARY KEY, -- the order of writing
            public_id     TEXT NOT NULL,
            epoch         BLOB NOT NULL,
            lane          INTEGER NOT NULL,
            seq           INTEGER NOT NULL,
            saved_ms      INTEGER NOT NULL,
            format        TEXT NOT NULL,
            document_type TEXT NOT NULL,
            verdict       TEXT NOT NULL,
            reason        TEXT NOT NULL,
            issuer        TEXT,
            checked_by    TEXT NOT NULL
        ) STRICT;
        CREATE INDEX checks_by_place ON checks (epoch, lane, seq);
        """
    )


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check that was made at this node."""

    public_id: str
    saved_ms: int
    format: str
    document_type: str
    verdict: str
    reason: str
    issuer: str | None
    checked_by: str


_COLUMNS = "public_id, saved_ms, format, document_type, verdict, reason, issuer, checked_by"


def _apply(db: Database, projected: Projected) -> None:
    check = projected.record
    if not isinstance(check, DocumentChecked):
        return
    db.conn.execute(
        f"INSERT INTO checks (epoch, lane, seq, {_COLUMNS})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            projected.stream.epoch,
            projected.stream.lane,
            projected.seq,
            projected.public_id,
            projected.saved_ms,
            check.format,
            check.document_type,
            check.verdict,
            check.reason,
            check.issuer,
            check.checked_by,
        ),
    )


def _forget(db: Database, stream: Stream, seq: int) -> None:
    db.conn.execute(
        "DELETE FROM checks WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


def newest(db: Database, most: int, verdict: str | None = None) -> list[KnownCheck]:
    """The newest first; of one verdict if it is given."""
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM checks WHERE ?1 IS NULL OR verdict = ?1"  # noqa: S608
        " ORDER BY n DESC LIMIT ?2",
        (verdict, most),
    )
    return [KnownCheck(*row) for row in rows]


def counts(db: Database) -> dict[str, int]:
    """How many of each verdict."""
    return dict(db.conn.execute("SELECT verdict, count(*) FROM checks GROUP BY verdict").fetchall())


projection = Projection(migrations, _apply, _forget)
