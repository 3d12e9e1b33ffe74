"""What came down from central: in order, once, sealed as the outbox is.

An entry is sealed under the key of the start in which it came, so a node that was switched off and
seized shows nothing; staff read it when they have unlocked the keys of earlier starts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlite_utils import Database, Migrations

from sync.store.segments import Segments
from sync.wire import entries
from sync.wire.compress import compress, decompress
from sync.wire.entries import Entry
from sync.wire.errors import WireError
from sync.wire.lanes import Lane
from sync.wire.limits import RECORD_BYTES_MAX, STREAMS_MAX
from sync.wire.places import BEGINNING, Mark, Stream
from sync.wire.seal import SegmentKey

if TYPE_CHECKING:
    from sync.store.store import Store
    from sync.store.writer import Writer

migrations = Migrations("inbox")

_PURPOSE = b"inbox"  # of the key under which entries lie here


@migrations()
def m001_inbox(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE inbox (
            n       INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they came
            epoch   BLOB NOT NULL,  -- central's
            lane    INTEGER NOT NULL,
            seq     INTEGER NOT NULL,
            own     BLOB NOT NULL,  -- the start of this node under whose key it is sealed
            sealed  BLOB NOT NULL,
            came_ms INTEGER NOT NULL,
            done    INTEGER NOT NULL, -- 0: a command that waits to be carried out
            UNIQUE (epoch, lane, seq)
        ) STRICT;
        CREATE TABLE inbox_marks ( -- what was purged still counts
            epoch BLOB NOT NULL,
            lane  INTEGER NOT NULL,
            seq   INTEGER NOT NULL,
            PRIMARY KEY (epoch, lane)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """One of central's words, open. ``n`` counts in the order in which they came."""

    n: int
    stream: Stream  # central's
    seq: int
    came_ms: int
    entry: Entry

    @property
    def place(self) -> str:
        """What answers to it name."""
        return f"{self.stream.epoch.hex()}-{int(self.stream.lane)}-{self.seq}"


class Inbox:
    """Every method may be called from any thread."""

    def __init__(self, store: "Store", writer: "Writer") -> None:
        """``writer`` is that of the store's own file."""
        self._store, self._writer = store, writer

    def mark(self, stream: Stream) -> Mark:
        """How far central's stream is here."""
        return self._store.look(lambda db: _mark(db, stream))

    def marks(self) -> list[tuple[Stream, Mark]]:
        return self._store.look(_marks)

    def keep(
        self, stream: Stream, first: int, canonical: list[bytes], commands: set[int], now_ms: int
    ) -> None:
        """Add what follows the mark; on the disk when this returns.

        ``commands``: sequence numbers of entries that are to be carried out.

        Raises:
            StoreFullError, StoreFailedError: nothing was kept.
        """
        own = self._store.epoch
        key = self._store.segments.current.derived(_PURPOSE)

        def job(db: Database) -> None:
            self._store.enter(db)  # or else the key would be gone with this start
            held = _mark(db, stream).seq
            for seq, entry in enumerate(canonical, start=first):
                if seq != held + 1:
                    continue
                [n] = db.conn.execute("SELECT coalesce(max(n), 0) + 1 FROM inbox").fetchone()
                sealed = key.seal_entry(_place(n), compress(entry), own)
                row = (n, stream.epoch, int(stream.lane), seq, own, sealed, now_ms)
                db.conn.execute(
                    "INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, int(seq not in commands)),
                )
                held = seq
            db.conn.execute(
                "INSERT INTO inbox_marks VALUES (?, ?, ?)"
                " ON CONFLICT (epoch, lane) DO UPDATE SET seq = excluded.seq",
                (stream.epoch, int(stream.lane), held),
            )

        self._writer.run(job)

    def skip(self, stream: Stream, seq: int) -> None:
        """What is up to ``seq`` will not come; what is here stays. Raises as ``keep`` does."""
        self._writer.run(
            lambda db: db.conn.execute(
                "INSERT INTO inbox_marks VALUES (?, ?, ?)"
                " ON CONFLICT (epoch, lane) DO UPDATE SET seq = max(seq, excluded.seq)",
                (stream.epoch, int(stream.lane), seq),
            )
        )

    def places(self) -> list[tuple[Stream, int]]:
        """Where each of central's words that is here stood, in the order in which they came."""
        rows = self._store.look(
            lambda db: db.conn.execute("SELECT epoch, lane, seq FROM inbox ORDER BY n").fetchall()
        )
        return [(Stream(epoch, Lane(lane)), seq) for epoch, lane, seq in rows]

    def newest(self, limit: int) -> list[Letter]:
        """What can be read now, the newest first."""
        rows = self._store.look(
            lambda db: db.conn.execute(
                "SELECT n, epoch, lane, seq, own, sealed, came_ms FROM inbox"
                " ORDER BY n DESC LIMIT ?",
                (limit,),
            ).fetchall()
        )
        return [letter for row in rows if (letter := _opened(self._store, row)) is not None]

    def waiting(self) -> list[Letter]:
        """Commands that were not carried out yet, in order."""
        rows = self._store.look(
            lambda db: db.conn.execute(
                "SELECT n, epoch, lane, seq, own, sealed, came_ms FROM inbox"
                " WHERE done = 0 ORDER BY n"
            ).fetchall()
        )
        return [letter for row in rows if (letter := _opened(self._store, row)) is not None]

    def carried_out(self, n: int) -> None:
        self._writer.run(lambda db: db.conn.execute("UPDATE inbox SET done = 1 WHERE n = ?", (n,)))

    def count(self) -> int:
        [number] = self._store.look(
            lambda db: db.conn.execute("SELECT count(*) FROM inbox").fetchone()
        )
        return int(number)

    def purge(self, came_before_ms: int) -> dict[Stream, int]:
        """Drop what is older and done with; give the last number that went, by stream."""

        def job(db: Database) -> list[tuple[bytes, int, int]]:
            return db.conn.execute(
                "DELETE FROM inbox WHERE done = 1 AND came_ms < ?"
                " AND n < (SELECT max(n) FROM inbox)"  # so that no number is used again
                " RETURNING epoch, lane, seq",
                (came_before_ms,),
            ).fetchall()

        gone: dict[Stream, int] = {}
        for epoch, lane, seq in self._writer.run(job):
            stream = Stream(epoch, Lane(lane))
            gone[stream] = max(seq, gone.get(stream, 0))
        return gone


def after(store: "Store", n: int, limit: int) -> list[tuple[int, Letter | None]]:
    """What came after the ``n``-th, in order; None: it cannot be opened now."""
    rows = store.look(
        lambda db: db.conn.execute(
            "SELECT n, epoch, lane, seq, own, sealed, came_ms FROM inbox"
            " WHERE n > ? ORDER BY n LIMIT ?",
            (n, limit),
        ).fetchall()
    )
    return [(row[0], _opened(store, row)) for row in rows]


def _opened(store: "Store", row: tuple[int, bytes, int, int, bytes, bytes, int]) -> Letter | None:
    n, epoch, lane, seq, own, sealed, came_ms = row
    key = _key(store.segments, own)
    if key is None:
        return None
    try:
        packed = key.open_entry(_place(n), sealed, own)
        entry = entries.decode(decompress(packed, RECORD_BYTES_MAX))
    except WireError:
        return None  # altered on the disk
    return Letter(n, Stream(epoch, Lane(lane)), seq, came_ms, entry)


def _key(segments: Segments, own: bytes) -> SegmentKey | None:
    key = segments.key_of(own)
    return None if key is None else key.derived(_PURPOSE)


def _place(n: int) -> bytes:
    return n.to_bytes(12, "big")


def _mark(db: Database, stream: Stream) -> Mark:
    row = db.conn.execute(
        "SELECT seq FROM inbox_marks WHERE epoch = ? AND lane = ?",
        (stream.epoch, int(stream.lane)),
    ).fetchone()
    return BEGINNING if row is None else Mark(int(row[0]), BEGINNING.head)


def _marks(db: Database) -> list[tuple[Stream, Mark]]:
    rows = db.conn.execute(
        "SELECT epoch, lane, seq FROM inbox_marks LIMIT ?", (STREAMS_MAX,)
    ).fetchall()
    return [(Stream(epoch, Lane(lane)), Mark(seq, BEGINNING.head)) for epoch, lane, seq in rows]
