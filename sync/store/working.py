"""The working set: what staff search and show, in a locked file built from outbox and inbox."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlcipher3
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlite_utils import Database, Migrations

from sync.store import inbox
from sync.store.database import migrate, prepared, writing
from sync.store.errors import LockedError, StoreFailedError, StoreFullError
from sync.store.inbox import Letter
from sync.store.outbox import Row
from sync.store.store import Store
from sync.wire import entries
from sync.wire.errors import KindError, WireError
from sync.wire.lanes import Lane
from sync.wire.places import Stream, public_id
from sync.wire.records import Record, from_body

migrations = Migrations("working")

_ROWS_AT_ONCE = 500


@migrations()
def m001_progress(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE progress (
            one        INTEGER PRIMARY KEY CHECK (one = 1),
            applied    INTEGER NOT NULL, -- rows of the outbox up to here are projected
            unreadable INTEGER NOT NULL  -- of them, how many could not be opened
        ) STRICT;
        INSERT INTO progress VALUES (1, 0, 0);
        """
    )


@migrations()
def m002_heard(db: Database) -> None:
    db.executescript(
        """
        -- central's words up to here are projected
        ALTER TABLE progress ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
        """
    )


@dataclass(frozen=True, slots=True)
class Projected:
    """A record on its way into the working set, with its place and names.

    ``came_down``: it is one of central's words, and the stream is central's. ``since_ms``: it was
    certainly not written before; None: unknown.
    """

    record: Record
    public_id: str
    stream: Stream
    seq: int
    saved_ms: int
    came_down: bool = False
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """What a slice keeps in the working set: its tables, and how a record changes them.

    ``apply`` is called once a record, in the order of writing, inside a transaction; after a
    rebuild it is called again for all. ``forget`` drops what came from a stream up to a seq.
    """

    migrations: Migrations
    apply: Callable[[Database, Projected], None]
    forget: Callable[[Database, Stream, int], None]


class Working:
    """Open while staff are at work, locked otherwise. Every method may be called from any thread.

    ``path`` None keeps it in memory (encrypted there too, for the same code to run).
    """

    def __init__(self, path: Path | None, store: Store, projections: Sequence[Projection]) -> None:
        self._path = path
        self._store = store
        self._projections = projections
        self._db: Database | None = None
        self._turn = threading.RLock()

    @property
    def is_open(self) -> bool:
        return self._db is not None

    def open(self, key: bytes) -> None:
        """Open with the working set's key; a file that is lost or damaged is built anew.

        Raises:
            StoreFullError: on the full disk it can't be opened; it stays locked.
        """
        with self._turn:
            if self._db is not None:
                return
            try:
                self._db = self._opened(key)
            except sqlcipher3.dbapi2.DatabaseError as error:
                if _is_full(error):
                    raise StoreFullError("the disk is full") from error
                self._remove()
                self._db = self._opened(key)

    def lock(self) -> None:
        """Close the file and forget its key; what is not yet projected follows after the next."""
        with self._turn:
            if self._db is not None:
                self._db.close()
                self._db = None
            self._store.segments.lock()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give the tables, first brought up to outbox and inbox: who has just written sees it.

        Raises:
            LockedError: nobody has unlocked it.
            StoreFailedError: the disk does not take what is brought up.
        """
        with self._turn:
            if self._db is None:
                raise LockedError("the working set is locked")
            ahead: AbstractContextManager[None] = nullcontext()
            try:
                self._catch_up(self._db)
            except sqlcipher3.dbapi2.DatabaseError as error:
                if _code(error) == sqlite3.SQLITE_IOERR:
                    raise StoreFailedError("the disk has failed") from error
                if not _is_full(error):
                    raise
                ahead = self._looking_ahead(self._db)
            with ahead:
                yield self._db

    def forget(self, floors: dict[Stream, int]) -> None:
        """Drop what came from records that the outbox has purged."""
        with self._turn:
            if self._db is None or not floors:
                return
            with writing(self._db):
                for stream, seq in floors.items():
                    for projection in self._projections:
                        projection.forget(self._db, stream, seq)

    def _opened(self, key: bytes) -> Database:
        raw = HKDFExpand(SHA256(), 32, b"nezlam working set").derive(key)
        connection = sqlcipher3.connect(
            str(self._path or ":memory:"), check_same_thread=False, isolation_level=None
        )
        connection.execute(f"PRAGMA key = \"x'{raw.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        db = prepared(Database(connection))
        migrate(db, migrations, *(projection.migrations for projection in self._projections))
        db.conn.execute("PRAGMA cache_spill=OFF")  # what is not committed touches no disk
        return db

    def _remove(self) -> None:
        if self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _catch_up(self, db: Database) -> None:
        for step in self._behind(db):
            with writing(db):
                step()

    @contextmanager
    def _looking_ahead(self, db: Database) -> Iterator[None]:
        """Show what the full disk cannot take: projected in memory, and never committed."""
        db.conn.execute("BEGIN")
        try:
            for step in self._behind(db):
                step()
            yield
        finally:
            db.conn.execute("ROLLBACK")

    def _behind(self, db: Database) -> Iterator[Callable[[], None]]:
        """What is still to be projected, in steps; our own records before central's words."""
        while rows := self._store.rows_in_order(_progress(db, "applied"), _ROWS_AT_ONCE):
            yield partial(self._project_rows, db, rows)
        while found := inbox.after(self._store, _progress(db, "heard"), _ROWS_AT_ONCE):
            yield partial(self._project_letters, db, found)

    def _project_rows(self, db: Database, rows: list[Row]) -> None:
        unreadable = sum(not self._apply(db, row) for row in rows)
        db.conn.execute(
            "UPDATE progress SET applied = ?, unreadable = unreadable + ?",
            (rows[-1].n, unreadable),
        )

    def _project_letters(self, db: Database, found: list[tuple[int, Letter | None]]) -> None:
        unreadable = sum(not self._apply_letter(db, letter) for _, letter in found)
        db.conn.execute(
            "UPDATE progress SET heard = ?, unreadable = unreadable + ?",
            (found[-1][0], unreadable),
        )

    def _apply(self, db: Database, row: Row) -> bool:
        if row.stream.lane is Lane.MEDIA:
            return True  # chunks are read where they lie
        try:
            data = self._store.open_row(row)
            if data is None:
                return False
            entry = entries.decode(data)
            record = from_body(entry.kind, entry.body)
        except KindError:
            return True  # written by another release: not ours to show
        except WireError:
            return False
        name = public_id(self._store.node_id, row.stream, row.seq)
        since_ms = entry.stamp.not_before_ms
        place = (row.stream, row.seq, row.saved_ms)
        self._hand_out(db, Projected(record, name, *place, since_ms=since_ms))
        return True

    def _apply_letter(self, db: Database, letter: Letter | None) -> bool:
        if letter is None:
            return False
        try:
            record = from_body(letter.entry.kind, letter.entry.body)
        except KindError:
            return True  # of another release
        place = (letter.stream, letter.seq, letter.came_ms)
        self._hand_out(db, Projected(record, letter.place, *place, came_down=True))
        return True

    def _hand_out(self, db: Database, projected: Projected) -> None:
        for projection in self._projections:
            projection.apply(db, projected)


def _progress(db: Database, what: str) -> int:
    [row] = db["progress"].rows
    return int(row[what])


def _is_full(error: Exception) -> bool:
    """On a full disk SQLite may also fail to make the files beside a database."""
    return _code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
