"""Central's log in SQL: the ``Log`` and ``Shelf`` of sync.core.intake, one transaction a group."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, select

from central.store import books, kept, projections, sharing, told, watch
from central.store.books import Grown
from central.store.contents import read
from central.store.database import Database
from central.store.logged import Logged
from central.store.tables import records
from sync.core.receiver import Book, Finding
from sync.wire.batch import Item
from sync.wire.messages import EpochLink, Hello, Refused
from sync.wire.places import Mark, Stream


class SqlShelf:
    """The log within one transaction."""

    def __init__(self, connection: Connection, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms
        self._books: dict[str, Book] = {}
        self._grown: dict[str, Grown] = {}  # as the books were loaded
        self._marks: dict[str, dict[Stream, Mark]] = {}  # as the tables have them

    def book(self, node_id: str) -> Book:
        if node_id not in self._books:
            books.see(self._connection, node_id, self._now_ms)
            book = books.load(self._connection, node_id)
            self._books[node_id] = book
            self._grown[node_id] = books.grown(book)
            self._marks[node_id] = dict(book.held)
        return self._books[node_id]

    def hash_at(self, node_id: str, stream: Stream, seq: int) -> bytes | None:
        place = {"node_id": node_id, "epoch": stream.epoch, "lane": stream.lane.value, "seq": seq}
        found: bytes | None = self._connection.scalar(select(records.c.hash).filter_by(**place))
        return found

    def keep(self, node_id: str, message: bytes) -> None:
        kept.add(self._connection, node_id, kept.Form.SIGNED, message, self._now_ms)

    def link(self, link: EpochLink) -> None:
        books.add_link(self._connection, link, self._now_ms)

    def append(self, node_id: str, stream: Stream, first: int, items: list[Item]) -> None:
        book = self.book(node_id)
        marks = self._marks[node_id]
        assert items, "an append brings records"
        assert first == marks.get(stream, Mark(0, b"")).seq + 1, "records follow what is held"
        cloned = book.is_clone(stream.epoch)
        logged = [
            Logged(node_id, stream, seq, read(item.entry), cloned, self._now_ms)
            for seq, item in enumerate(items, start=first)
        ]
        pairs = zip(logged, items, strict=True)
        self._connection.execute(records.insert(), [_row(*pair) for pair in pairs])
        projections.project(self._connection, logged)
        sharing.pass_on(self._connection, logged, self._now_ms)
        self._move(node_id, stream, Mark(first + len(items) - 1, items[-1].hash))

    def concede(self, node_id: str, stream: Stream, mark: Mark) -> None:
        self.book(node_id)
        note = kept.concession(stream, mark)
        kept.add(self._connection, node_id, kept.Form.CONCEDED, note, self._now_ms)
        self._move(node_id, stream, mark)

    def found(self, node_id: str, finding: Finding) -> None:
        watch.note_finding(self._connection, node_id, finding, self._now_ms)

    def told(self, hello: Hello) -> None:
        told.replace(self._connection, hello, self._now_ms)

    def refused(self, node_id: str, why: Refused, message: bytes) -> None:
        watch.count_refusal(self._connection, node_id, why, message, self._now_ms)

    def health(self, node_id: str, epoch: bytes, seq: int, entry: bytes) -> None:
        watch.replace_health(self._connection, node_id, (epoch, seq), entry, self._now_ms)

    def finish(self) -> None:
        """Store what the protocol's machine changed in the books themselves."""
        for node_id, book in self._books.items():
            before, after = self._grown[node_id], books.grown(book)
            books.save_branchings(self._connection, node_id, before, after)

    def _move(self, node_id: str, stream: Stream, mark: Mark) -> None:
        self._marks[node_id][stream] = mark
        books.move_mark(self._connection, node_id, stream, mark)


class SqlLog:
    """The ``Log`` of sync.core.intake on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """``database`` is migrated already."""
        self._database = database

    @contextmanager
    def group(self, now_ms: int) -> Iterator[SqlShelf]:
        """One transaction. Raises LogError; then nothing of it lasts."""
        with self._database.writing() as connection:
            shelf = SqlShelf(connection, now_ms)
            yield shelf
            shelf.finish()

    def book(self, node_id: str) -> Book:
        """What is known of the node at this moment. Raises LogError."""
        with self._database.reading() as connection:
            return books.load(connection, node_id)

    def backup_waiting(self, limit: int) -> list[kept.Kept]:
        """The oldest kept messages that no backup holds. Raises LogError."""
        with self._database.reading() as connection:
            return kept.waiting(connection, limit)

    def backup_done(self, done: Sequence[kept.Kept]) -> dict[str, Book]:
        """Note that a backup holds these. Gives the books of their nodes. Raises LogError."""
        with self._database.writing() as connection:
            kept.backed_up(connection, [one.kept_id for one in done])
            for node_id, marks in sorted(kept.reached_by_node(done).items()):
                books.move_backed_up(connection, node_id, marks)
            return {one.node_id: books.load(connection, one.node_id) for one in done}

    def backup_folder(self, folder_id: str) -> None:
        """Queue for this folder; one not used before gets everything. Raises LogError."""
        with self._database.writing() as connection:
            kept.direct(connection, folder_id)

    def restored(self, folder_id: str) -> None:
        """Note that all that is held came from this folder, so it is backed up. Raises LogError."""
        with self._database.writing() as connection:
            kept.settle(connection, folder_id)
            books.all_backed_up(connection)

    def note_presence(self, node_id: str, epoch: bytes, now_ms: int, *, is_up: bool) -> None:
        """Store a hint of presence. Raises LogError."""
        with self._database.writing() as connection:
            watch.note_presence(connection, node_id, epoch, now_ms, is_up=is_up)

    def rebuild(self) -> int:
        """Derive the projections anew; gives how many records were read. Raises LogError."""
        with self._database.writing() as connection:
            return projections.rebuild(connection)


def _row(logged: Logged, item: Item) -> dict[str, Any]:
    stamp = logged.contents.stamp
    return {
        **logged.place(),
        "hash": item.hash,
        "kind": logged.contents.kind,
        "reading_ms": stamp and stamp.reading_ms,
        "not_before_ms": stamp and stamp.not_before_ms,
        "not_after_ms": stamp and stamp.not_after_ms,
        "entry": item.entry,
        "sealed": item.sealed,
        "cloned": logged.cloned,
        "arrived_at_ms": logged.arrived_at_ms,
    }
