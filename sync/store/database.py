"""The node's SQLite files: how they are opened, migrated and written."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

_PRAGMAS = (
    # EXTRA while the file is switched to WAL, for that switch uses a rollback journal;
    # then FULL: with NORMAL a power cut loses commits that were already answered "saved".
    "synchronous=EXTRA",
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)


def open_database(path: Path | None) -> Database:
    """Open a plain file; ``None`` keeps it in memory. Any one thread at a time may use it."""
    connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
    return prepared(Database(connection))


def prepared(db: Database) -> Database:
    """Set what every database of a node is set to."""
    for pragma in _PRAGMAS:
        db.conn.execute(f"PRAGMA {pragma}").fetchall()
    return db


def migrate(db: Database, *sets: Migrations) -> None:
    """Bring the file forward, step by step; steps that were taken are never taken again."""
    for migrations in sets:
        migrations.apply(db)


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One write transaction: all of the block, or nothing.

    Takes the write lock at once (IMMEDIATE): a deferred transaction that reads first can
    be refused at its first write, and ``busy_timeout`` does not help it.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise
