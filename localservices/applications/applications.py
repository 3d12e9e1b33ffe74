"""The applications in the working set: their table, and every SQL on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database, Migrations

from localservices.applications import submission
from localservices.applications.submission import SubmissionError
from localservices.text import clean
from sync.store.working import Projected, Projection
from sync.wire import cbor
from sync.wire.kinds.application import ApplicationFiled
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.places import Stream
from sync.wire.records import from_body, to_body

migrations = Migrations("applications")

_SOUGHT_ANSWERS, _SOUGHT_CHARS = 40, 80


@migrations()
def m001_applications(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE applications (
            n          INTEGER PRIMARY KEY, -- the order of writing
            public_id  TEXT NOT NULL UNIQUE,
            epoch      BLOB NOT NULL,
            lane       INTEGER NOT NULL,
            seq        INTEGER NOT NULL,
            saved_ms   INTEGER NOT NULL,
            since_ms   INTEGER,          -- certainly not filed before
            kind       TEXT NOT NULL,
            body       BLOB NOT NULL,    -- the record's, as deterministic CBOR
            sought     TEXT NOT NULL -- short answers, folded
        ) STRICT;
        CREATE INDEX applications_by_place ON applications (epoch, lane, seq);
        """
    )


@dataclass(frozen=True, slots=True)
class Known:
    """An application that was filed at this node. Times are Unix milliseconds."""

    public_id: str
    saved_ms: int
    since_ms: int | None  # certainly not filed before
    filed: ApplicationFiled


@dataclass(frozen=True, slots=True)
class Shown:
    """A document that was checked at the desk."""

    public_id: str
    document_type: str
    verdict: str
    saved_ms: int


_COLUMNS = "public_id, saved_ms, since_ms, kind, body"


def newest(db: Database, most: int, start: int = 0) -> list[Known]:
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM applications ORDER BY n DESC LIMIT ? OFFSET ?",  # noqa: S608
        (most, start),
    )
    return [_known(row) for row in rows]


def matching(db: Database, query: str, most: int) -> list[Known]:
    """Those in whose number or answers every word of the query is found, the newest first."""
    words = clean(query).casefold().split()[:8]
    where = " AND ".join(["(instr(sought, ?) OR instr(public_id, ?))"] * len(words)) or "0"
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM applications WHERE {where} ORDER BY n DESC LIMIT ?",  # noqa: S608
        (*(word for word in words for _ in range(2)), most),
    )
    return [_known(row) for row in rows]


def by_public_id(db: Database, public_id: str) -> Known | None:
    row = db.conn.execute(
        f"SELECT {_COLUMNS} FROM applications WHERE public_id = ?",  # noqa: S608
        (public_id,),
    ).fetchone()
    return None if row is None else _known(row)


def checks_since(db: Database, since_ms: int) -> list[Shown]:
    """The document checks of this node since then, the newest first."""
    rows = db.conn.execute(
        "SELECT public_id, document_type, verdict, saved_ms FROM checks WHERE saved_ms >= ?"
        " ORDER BY n DESC LIMIT 20",
        (since_ms,),
    )
    return [Shown(*row) for row in rows]


def check_of(db: Database, public_id: str) -> tuple[str, str, int] | None:
    """(type, verdict, when) of a document check of this node; None: it is not here."""
    row = db.conn.execute(
        "SELECT document_type, verdict, saved_ms FROM checks WHERE public_id = ?", (public_id,)
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]), int(row[2]))


def _apply(db: Database, projected: Projected) -> None:
    filed = projected.record
    if not isinstance(filed, ApplicationFiled):
        return
    db.conn.execute(
        f"INSERT INTO applications (epoch, lane, seq, {_COLUMNS}, sought)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            projected.stream.epoch,
            projected.stream.lane,
            projected.seq,
            projected.public_id,
            projected.saved_ms,
            projected.since_ms,
            filed.kind,
            cbor.encode(to_body(filed)),
            _sought(filed),
        ),
    )


def _sought(filed: ApplicationFiled) -> str:
    try:
        found = submission.answers(filed.submission)[:_SOUGHT_ANSWERS]
    except SubmissionError:
        return filed.service  # it is kept, and found by its service
    texts = (clean(one.text) for one in found)
    return " ".join([filed.service, *(text for text in texts if len(text) <= _SOUGHT_CHARS)])[
        : _SOUGHT_ANSWERS * _SOUGHT_CHARS
    ].casefold()


def _known(row: Sequence[Any]) -> Known:
    public_id, saved_ms, since_ms, kind, body = row
    filed = from_body(kind, cbor.decode(body, RECORD_BYTES_MAX))
    assert isinstance(filed, ApplicationFiled)
    return Known(public_id, saved_ms, since_ms, filed)


def _forget(db: Database, stream: Stream, seq: int) -> None:
    db.conn.execute(
        "DELETE FROM applications WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


projection = Projection(migrations, _apply, _forget)
