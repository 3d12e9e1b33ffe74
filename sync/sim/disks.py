"""Disks of simulated machines: databases in memory, made from images and copied as such."""

import sqlite3
from functools import cache

from sqlite_utils import Database

from sync.store.database import prepared
from sync.store.shape import prepare


@cache
def blank() -> bytes:
    """An outbox in this release's shape with nothing in it; made once, for migrating takes long."""
    db = a_disk(None)
    prepare(db)
    image: bytes = db.conn.serialize()
    db.close()
    return image


def a_disk(image: bytes | None) -> Database:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if image is not None:
        connection.deserialize(image)
    return prepared(Database(connection))
