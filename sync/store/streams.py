"""The epochs and streams of a node: what each start saw, and how far each lane has come."""

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.wire import cbor
from sync.wire.lanes import Lane
from sync.wire.messages import EpochLink, Holding
from sync.wire.places import Mark, Stream

migrations = Migrations("streams")


@migrations()
def m001_streams(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE epochs (
            ordinal    INTEGER PRIMARY KEY AUTOINCREMENT,
            epoch      BLOB NOT NULL UNIQUE,
            follows    BLOB NOT NULL, -- CBOR of the marks that this start saw on the disk
            to_central BLOB NOT NULL, -- the segment key, sealed to central
            to_desk    BLOB           -- the same, sealed to the desk; NULL before the first account
        ) STRICT;
        CREATE TABLE streams (
            id         INTEGER PRIMARY KEY,
            epoch      BLOB NOT NULL REFERENCES epochs (epoch),
            lane       INTEGER NOT NULL,
            held       INTEGER NOT NULL DEFAULT 0,
            backed_up  INTEGER NOT NULL DEFAULT 0,
            floor      INTEGER NOT NULL DEFAULT 0, -- purged up to here
            floor_head BLOB NOT NULL,              -- the hash there; at first that of the base
            UNIQUE (epoch, lane)
        ) STRICT;
        -- Where a stream ends is where its rows end. Nothing is written twice, so a commit costs a
        -- page less, and no end can disagree with its rows.
        CREATE VIEW ends AS
            SELECT s.*, coalesce(o.seq, s.floor) AS newest, coalesce(o.hash, s.floor_head) AS head
            FROM streams s LEFT JOIN outbox o
                ON o.n = (SELECT n FROM outbox WHERE stream = s.id ORDER BY seq DESC LIMIT 1);
        """
    )


@dataclass(frozen=True, slots=True)
class Track:
    """How far one stream has come. All are sequence numbers; 0: nothing yet."""

    stream: Stream
    newest: int
    held: int
    backed_up: int
    floor: int


def keep_epoch(db: Database, link: EpochLink, to_desk: bytes | None) -> None:
    """Enter the epoch of this start, with the first that is sealed under its key."""
    follows = cbor.encode(
        [[stream.epoch, stream.lane, mark.seq, mark.head] for stream, mark in link.follows]
    )
    db.conn.execute(
        "INSERT INTO epochs (epoch, follows, to_central, to_desk) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (epoch) DO NOTHING",
        (link.epoch, follows, link.sealed_key, to_desk),
    )


def newest(db: Database, stream: Stream) -> tuple[int, Mark] | None:
    """Give the stream's row id and its last mark; None before its first record."""
    row = db.conn.execute(
        "SELECT id, newest, head FROM ends WHERE epoch = ? AND lane = ?",
        (stream.epoch, stream.lane),
    ).fetchone()
    return None if row is None else (row[0], Mark(row[1], row[2]))


def open_stream(db: Database, stream: Stream, base: Mark) -> int:
    """Enter a stream before its first record; ``base`` is the mark that it continues."""
    cursor = db.conn.execute(
        "INSERT INTO streams (epoch, lane, floor_head) VALUES (?, ?, ?)",
        (stream.epoch, stream.lane, base.head),
    )
    assert cursor.lastrowid is not None
    return int(cursor.lastrowid)


def tracks(db: Database) -> list[Track]:
    """Every stream, the oldest epoch first."""
    rows = db.conn.execute(
        "SELECT s.epoch, s.lane, s.newest, s.held, s.backed_up, s.floor"
        " FROM ends s JOIN epochs e ON e.epoch = s.epoch ORDER BY e.ordinal, s.lane"
    ).fetchall()
    return [Track(Stream(epoch, Lane(lane)), *marks) for epoch, lane, *marks in rows]


def holdings(db: Database, limit: int) -> tuple[Holding, ...]:
    """The streams of which rows are still here, the oldest epoch first."""
    rows = db.conn.execute(
        "SELECT s.epoch, s.lane, s.floor, s.floor_head, s.newest, s.head"
        " FROM ends s JOIN epochs e ON e.epoch = s.epoch"
        " WHERE s.newest > s.floor ORDER BY e.ordinal, s.lane LIMIT ?",
        (limit,),
    ).fetchall()
    return tuple(
        Holding(Stream(epoch, Lane(lane)), Mark(floor, floor_head), Mark(end, head))
        for epoch, lane, floor, floor_head, end, head in rows
    )


def ends(db: Database) -> tuple[tuple[Stream, Mark], ...]:
    """The end of each lane over all epochs: what a new epoch follows."""
    rows = db.conn.execute(
        "SELECT s.epoch, s.lane, s.newest, s.head FROM ends s JOIN epochs e ON e.epoch = s.epoch"
        " WHERE s.newest > 0 ORDER BY e.ordinal"
    ).fetchall()
    last = {lane: (Stream(epoch, Lane(lane)), Mark(seq, head)) for epoch, lane, seq, head in rows}
    return tuple(last[lane] for lane in sorted(last))


def link_of(db: Database, node_id: str, epoch: bytes) -> EpochLink | None:
    """The link of an epoch that has records here."""
    row = db.conn.execute(
        "SELECT follows, to_central FROM epochs WHERE epoch = ?", (epoch,)
    ).fetchone()
    if row is None:
        return None
    follows = tuple(
        (Stream(parent, Lane(lane)), Mark(seq, head))
        for parent, lane, seq, head in cbor.decode(row[0], len(row[0]))
    )
    return EpochLink(node_id, epoch, follows, row[1])


def set_marks(db: Database, stream: Stream, held: int, backed_up: int) -> None:
    """Note what central said. It may be less than before: central lost what it held."""
    db.conn.execute(
        "UPDATE streams SET held = ?, backed_up = ? WHERE epoch = ? AND lane = ?",
        (held, backed_up, stream.epoch, stream.lane),
    )


def keys_to_desk(db: Database) -> dict[bytes, bytes | None]:
    """The sealed segment key of each epoch of which something is here: a record or a letter.

    None: it began before there was a desk.
    """
    rows = db.conn.execute(
        "SELECT e.epoch, e.to_desk FROM epochs e"
        " WHERE e.epoch IN (SELECT s.epoch FROM ends s WHERE s.newest > s.floor)"
        " OR e.epoch IN (SELECT i.own FROM inbox i)"
    ).fetchall()
    return dict(rows)


def seal_to_desk(db: Database, epoch: bytes, to_desk: bytes) -> None:
    db.conn.execute("UPDATE epochs SET to_desk = ? WHERE epoch = ?", (to_desk, epoch))
