"""Where the chunks of each file lie in the outbox: kept beside them, under names without meaning.

So a locked node still knows how far each file has come, and whoever takes the disk cannot ask it
whether a certain file is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.store.chunks import Run
from sync.wire.lanes import Lane
from sync.wire.places import Stream

migrations = Migrations("runs")


@migrations()
def m001_runs(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE runs (
            name          BLOB PRIMARY KEY, -- keyed hash of the hash of the file's content
            size          INTEGER NOT NULL, -- bytes
            stream        INTEGER NOT NULL REFERENCES streams (id),
            first         INTEGER NOT NULL,
            count         INTEGER NOT NULL, -- of consecutive chunks
            told_stream   INTEGER NOT NULL REFERENCES streams (id),
            told_seq      INTEGER NOT NULL  -- the record that first announced the file
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True, slots=True)
class Original:
    """A file whose chunks are here, all or the last of them. Sequences are of the media lane."""

    size: int
    stream: Stream
    run: Run
    held: int  # chunks that central has
    floor: int  # chunks up to here have left this node
    told: Stream  # the record that announced it
    told_seq: int

    @property
    def is_readable(self) -> bool:
        """Every chunk is still here."""
        return self.floor < self.run.first

    @property
    def is_held(self) -> bool:
        return self.held == self.run.count


@dataclass(frozen=True, slots=True)
class NewRun:
    name: bytes
    size: int
    stream: Stream
    run: Run
    told: Stream
    told_seq: int


_ORIGINAL = """
    SELECT r.size, s.epoch, s.lane, r.first, r.count, s.held, s.floor, t.epoch, t.lane, r.told_seq
    FROM runs r JOIN streams s ON s.id = r.stream JOIN streams t ON t.id = r.told_stream
"""
_ID = "(SELECT id FROM streams WHERE epoch = ? AND lane = ?)"


def add(db: Database, new: NewRun) -> None:
    """Enter a file whose chunks are all written in the caller's transaction or before."""
    db.conn.execute(
        f"INSERT INTO runs VALUES (?, ?, {_ID}, ?, ?, {_ID}, ?)",  # noqa: S608  constants
        (
            new.name,
            new.size,
            new.stream.epoch,
            new.stream.lane,
            new.run.first,
            new.run.count,
            new.told.epoch,
            new.told.lane,
            new.told_seq,
        ),
    )


def by_names(db: Database, names: Sequence[bytes]) -> Original | None:
    """The file that any of these names is that of."""
    for name in names:
        row = db.conn.execute(f"{_ORIGINAL} WHERE r.name = ?", (name,)).fetchone()
        if row is not None:
            return _original(row)
    return None


def all_of(db: Database) -> list[Original]:
    """Every file of which chunks are here, the oldest first."""
    rows = db.conn.execute(f"{_ORIGINAL} ORDER BY s.id, r.first").fetchall()
    return [_original(row) for row in rows]


def forget(db: Database, stream: Stream, floor: int) -> None:
    """Drop the files of which the last chunk has left."""
    if stream.lane is Lane.MEDIA:
        db.conn.execute(
            f"DELETE FROM runs WHERE stream = {_ID} AND first + count - 1 <= ?",  # noqa: S608
            (stream.epoch, stream.lane, floor),
        )


def _original(row: Sequence[object]) -> Original:
    size, epoch, lane, first, count, held, floor, told_epoch, told_lane, told_seq = row
    run = Run(_whole(first), _whole(count))
    return Original(
        _whole(size),
        Stream(_bytes(epoch), Lane(_whole(lane))),
        run,
        run.passed(_whole(held)),
        _whole(floor),
        Stream(_bytes(told_epoch), Lane(_whole(told_lane))),
        _whole(told_seq),
    )


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
