"""The outbox: every record as it was sealed, and its journey. Written by the one writer only."""

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.wire.lanes import Lane
from sync.wire.limits import RECORDS_MAX
from sync.wire.places import Stream

PURGED_AT_ONCE = 256  # rows in one transaction; chunks of files weigh some 16 KB each

migrations = Migrations("outbox")


@migrations()
def m001_outbox(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE outbox (
            n        INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of writing, over all streams
            stream   INTEGER NOT NULL REFERENCES streams (id),
            seq      INTEGER NOT NULL,
            sealed   BLOB NOT NULL,
            hash     BLOB NOT NULL,
            saved_ms INTEGER NOT NULL,
            once     BLOB UNIQUE, -- a form that is sent again finds its first record
            UNIQUE (stream, seq)
        ) STRICT;
        CREATE TABLE passages ( -- everything in the stream up to seq had come so far by at_ms
            stream INTEGER NOT NULL REFERENCES streams (id),
            stage  TEXT NOT NULL CHECK (stage IN ('sent', 'held')),
            seq    INTEGER NOT NULL,
            at_ms  INTEGER NOT NULL,
            PRIMARY KEY (stream, stage, seq)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it lies: ``n`` orders all rows, ``seq`` those of one stream."""

    n: int
    stream: Stream
    seq: int
    sealed: bytes
    hash: bytes
    saved_ms: int


_ROW = """
    SELECT o.n, s.epoch, s.lane, o.seq, o.sealed, o.hash, o.saved_ms
    FROM outbox o JOIN streams s ON s.id = o.stream
"""

# SQLite reads a row up to the last column asked for: of a chunk, all of it but what comes first.
_LIGHT_ROW = """
    SELECT o.n, s.epoch, s.lane, o.seq,
        CASE WHEN s.lane = :media THEN x'' ELSE o.sealed END,
        CASE WHEN s.lane = :media THEN x'' ELSE o.hash END,
        CASE WHEN s.lane = :media THEN 0 ELSE o.saved_ms END
    FROM outbox o JOIN streams s ON s.id = o.stream
    WHERE o.n > :after ORDER BY o.n LIMIT :limit
"""


def append(db: Database, stream_id: int, row: Row, once: bytes | None) -> Row | None:
    """Add a row; or give the row that ``once`` had added before.

    The caller's transaction decides if it lasts.
    """
    added = db.conn.execute(
        "INSERT INTO outbox (stream, seq, sealed, hash, saved_ms, once) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (once) DO NOTHING",
        (stream_id, row.seq, row.sealed, row.hash, row.saved_ms, once),
    )
    return by_once(db, once) if once is not None and added.rowcount == 0 else None


def by_once(db: Database, once: bytes) -> Row | None:
    found = db.conn.execute(f"{_ROW} WHERE o.once = ?", (once,)).fetchone()
    return None if found is None else _row(found)


def rows_after(db: Database, stream: Stream, seq: int, bytes_max: int) -> list[Row]:
    """Rows that follow ``seq``, in order: at least one if there is any, then up to the bytes."""
    rows: list[Row] = []
    size = 0
    cursor = db.conn.execute(
        f"{_ROW} WHERE s.epoch = ? AND s.lane = ? AND o.seq > ? ORDER BY o.seq LIMIT ?",
        (stream.epoch, stream.lane, seq, RECORDS_MAX),
    )
    for found in cursor:
        size += len(found[4])
        if rows and size > bytes_max:
            break
        rows.append(_row(found))
    cursor.close()
    return rows


def in_order(db: Database, after: int, limit: int) -> list[Row]:
    """Rows of all streams in the order of writing: what a projection is built from.

    Those of the media lane come without their content, which no projection wants.
    """
    rows = db.conn.execute(_LIGHT_ROW, {"media": Lane.MEDIA, "after": after, "limit": limit})
    return [_row(found) for found in rows.fetchall()]


def hash_at(db: Database, stream: Stream, seq: int) -> bytes | None:
    """The hash of a record, also of the last one purged; None: never written or long gone."""
    row = db.conn.execute(
        "SELECT o.hash FROM outbox o JOIN streams s ON s.id = o.stream"
        " WHERE s.epoch = ? AND s.lane = ? AND o.seq = ?"
        " UNION ALL SELECT floor_head FROM streams WHERE epoch = ? AND lane = ? AND floor = ?",
        (stream.epoch, stream.lane, seq) * 2,
    ).fetchone()
    return None if row is None else bytes(row[0])


def pass_stage(db: Database, stream: Stream, stage: str, seq: int, at_ms: int) -> None:
    """Note when a stream first came so far."""
    db.conn.execute(
        "INSERT INTO passages SELECT id, ?, ?, ? FROM streams WHERE epoch = ? AND lane = ?"
        " ON CONFLICT DO NOTHING",
        (stage, seq, at_ms, stream.epoch, stream.lane),
    )


def passed_at(db: Database, stream: Stream, stage: str, seq: int) -> int | None:
    """When ``seq`` first reached ``stage``; None: not yet."""
    row = db.conn.execute(
        "SELECT min(p.at_ms) FROM passages p JOIN streams s ON s.id = p.stream"
        " WHERE s.epoch = ? AND s.lane = ? AND p.stage = ? AND p.seq >= ?",
        (stream.epoch, stream.lane, stage, seq),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def saved_at(db: Database, stream: Stream, seq: int) -> int | None:
    row = db.conn.execute(
        "SELECT o.saved_ms FROM outbox o JOIN streams s ON s.id = o.stream"
        " WHERE s.epoch = ? AND s.lane = ? AND o.seq = ?",
        (stream.epoch, stream.lane, seq),
    ).fetchone()
    return None if row is None else int(row[0])


def purge(db: Database, stream: Stream, saved_before_ms: int) -> int:
    """Drop rows that are backed up and older; give the seq up to which nothing is left.

    Only a whole beginning of the stream goes, so what stays has no hole; and only so much at
    once: call again until the floor rises no more.
    """
    row = db.conn.execute(
        "SELECT id, floor, backed_up FROM streams WHERE epoch = ? AND lane = ?",
        (stream.epoch, stream.lane),
    ).fetchone()
    stream_id, floor, backed_up = row
    reach = min(backed_up, floor + PURGED_AT_ONCE)
    [young] = db.conn.execute(
        "SELECT min(seq) FROM outbox WHERE stream = ? AND seq <= ? AND saved_ms >= ?",
        (stream_id, reach, saved_before_ms),
    ).fetchone()
    up_to = reach if young is None else min(reach, young - 1)
    if up_to <= floor:
        return int(floor)
    db.conn.execute(
        "UPDATE streams SET floor = ?,"
        " floor_head = (SELECT hash FROM outbox WHERE stream = ? AND seq = ?) WHERE id = ?",
        (up_to, stream_id, up_to, stream_id),
    )
    db.conn.execute("DELETE FROM outbox WHERE stream = ? AND seq <= ?", (stream_id, up_to))
    db.conn.execute("DELETE FROM passages WHERE stream = ? AND seq < ?", (stream_id, up_to))
    return int(up_to)


def _row(found: tuple[int, bytes, int, int, bytes, bytes, int]) -> Row:
    n, epoch, lane, seq, sealed, link, saved_ms = found
    return Row(n, Stream(epoch, Lane(lane)), seq, sealed, link, saved_ms)
