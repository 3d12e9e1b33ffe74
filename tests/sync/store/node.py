"""A node's store with its accounts, put together on files of the test's own."""

import os
from pathlib import Path

from sqlite_utils import Database, Migrations

from sync.store.accounts import Accounts
from sync.store.database import open_database
from sync.store.keys import Boxes, Cost
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.streams import Track
from sync.store.working import Projected, Projection, Working
from sync.store.writer import GroupWriter
from sync.wire.entries import Stamp
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.places import Stream
from sync.wire.seal import new_opening_key

CENTRAL = new_opening_key()
NODE = "node-1"
NAME, PASSPHRASE = "Олена Коваль", "чотири зелені яблука"
CHEAP = Cost(memory_kib=8, passes=1)

names = Migrations("names")


@names()
def m001_names(db: Database) -> None:
    db.executescript(
        "CREATE TABLE names (epoch BLOB, lane INTEGER, seq INTEGER, name TEXT NOT NULL,"
        " PRIMARY KEY (epoch, lane, seq)) STRICT;"
    )


def apply(db: Database, projected: Projected) -> None:
    if not isinstance(projected.record, HouseholdRegistered):
        return
    place = (projected.stream.epoch, projected.stream.lane, projected.seq)
    name = projected.record.members[0].surname
    db.conn.execute("INSERT INTO names VALUES (?, ?, ?, ?)", (*place, name))


def forget(db: Database, stream: Stream, seq: int) -> None:
    db.conn.execute(
        "DELETE FROM names WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


def a_household(name: str) -> HouseholdRegistered:
    return HouseholdRegistered((Member(name, "Марія"),), "Маріуполь", "Дніпро", True, NAME)


class Node:
    """A store with its accounts on files of the test's own; the same folder is the same node."""

    def __init__(self, folder: Path, now_ms: int = 1_000) -> None:
        path = folder / "outbox.db"
        first = open_database(path)
        prepare(first)
        self.has_room = True
        self.writer = GroupWriter(first)
        segments = Segments(NODE, CENTRAL.public(), os.urandom)
        self.store = Store(
            NODE,
            self.writer,
            open_database(path),
            segments,
            lambda: Stamp(now_ms),
            lambda: self.has_room,
        )
        self.working = Working(
            folder / "working.db", self.store, [Projection(names, apply, forget)]
        )
        boxes = Boxes(self.writer.run, open_database(path), os.urandom, CHEAP)
        self.accounts = Accounts(boxes, self.store, self.working)

    def write(self, *surnames: str) -> None:
        for surname in surnames:
            self.store.write(a_household(surname))

    def shown(self) -> list[str]:
        with self.working.reading() as db:
            return [row[0] for row in db.conn.execute("SELECT name FROM names ORDER BY name")]

    def hear(self, backed_up: bool = True) -> None:
        marks = [
            Track(t.stream, 0, t.newest, t.newest if backed_up else 0, 0)
            for t in self.store.tracks()
        ]
        self.store.note_acked(marks, 2_000)

    def off(self) -> None:
        self.accounts.lock()
        self.store.close()
