"""The outbox's file as this release wants it: the tables of all who keep something in it."""

from sqlite_utils import Database

from sync.store import devices, inbox, keys, outbox, relayed, runs, streams
from sync.store.database import migrate


def prepare(db: Database) -> None:
    """Bring the file to this release's shape."""
    parts = (streams, outbox, keys, runs, relayed, inbox, devices)
    migrate(db, *(part.migrations for part in parts))
