"""What other nodes handed over to be carried to central: signed messages that nobody here can read.

A parcel goes when central's ack for its node, on its way home through here, covers it.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass

from sqlite_utils import Database, Migrations

from sync.store.errors import StoreError
from sync.store.writer import Writer
from sync.wire.errors import MalformedError
from sync.wire.lanes import DURABLE
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.messages import Ack, Batch, EpochLink, Hello, Message

ANSWERS_MAX = 64  # for each node, the latest: acks are cumulative
NODES_MAX = 1024  # whose answers are kept, the latest
_FIRST = -1  # all but batches is small, and the batches need it
_LATEST = ("hello", "ack")  # of which a node's latest says all

migrations = Migrations("relayed")


@migrations()
def m001_relayed(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE parcels (
            n       INTEGER PRIMARY KEY AUTOINCREMENT,
            node_id TEXT NOT NULL,
            kind    TEXT NOT NULL CHECK (kind IN ('link', 'hello', 'ack', 'batch')),
            epoch   BLOB NOT NULL,
            lane    INTEGER NOT NULL, -- -1: not a batch
            first   INTEGER NOT NULL,
            last    INTEGER NOT NULL,
            nonce   BLOB,             -- of a hello
            message BLOB NOT NULL
        ) STRICT;
        CREATE INDEX parcels_places ON parcels (node_id, epoch, lane, first);
        CREATE INDEX parcels_order ON parcels (lane, n);
        CREATE TABLE answers ( -- central's words on their way home
            n       INTEGER PRIMARY KEY AUTOINCREMENT,
            node_id TEXT NOT NULL,
            message BLOB NOT NULL
        ) STRICT;
        CREATE INDEX answers_nodes ON answers (node_id, n);
        """
    )


class RelayFullError(StoreError):
    """What may lie here for others is used up; nothing of what came was taken."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A parcel as it lies here; ``is_answered``: central says so when it has it."""

    n: int
    node_id: str
    message: bytes
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What lies here for others."""

    parcels: int
    size: int  # bytes


class Relayed:
    """Any thread may use it. ``reader`` is its own connection."""

    def __init__(
        self,
        writer: Writer,
        reader: Database,
        bytes_max: int,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """``has_room``: whether the disk has any for others; our own need the last of it."""
        self._writer, self._reader, self._bytes_max = writer, reader, bytes_max
        self._has_room = has_room
        self._reading = threading.Lock()

    def take(self, node_id: str, told: Iterable[tuple[bytes, Message]]) -> int:
        """Keep a node's messages, all or none; gives how many of them were new here.

        Raises:
            RelayFullError: what may lie here is used up, or the disk is nearly full.
            MalformedError: not what a node hands over, or not of this node.
            StoreError: the disk refuses.
        """
        rows = [_row(node_id, message, data) for data, message in told]
        if not self._has_room():
            raise RelayFullError("the disk is nearly full")
        return self._writer.run(lambda db: sum(self._keep(db, row) for row in rows))

    def next(self, lane_max: int, without: Iterable[int], bytes_max: int) -> list[Lying]:
        """The most urgent parcels of one node, up to ``lane_max``; at least one if there is any."""
        skipped = set(without)
        chosen: list[int] = []
        owner, size = None, 0
        with self._reading:
            for n, node_id, length in self._reader.conn.execute(
                "SELECT n, node_id, length(message) FROM parcels WHERE lane <= ? ORDER BY lane, n",
                (lane_max,),
            ).fetchall():
                if n in skipped or owner not in (None, node_id):
                    continue
                if chosen and size + length > bytes_max:
                    break
                chosen.append(n)
                owner, size = node_id, size + length
            return [self._lying(n) for n in chosen]

    def confirm(self, node_id: str, ack: Ack, message: bytes) -> None:
        """Let go what central has, and keep its word for the node."""
        self._writer.run(lambda db: _confirm(db, node_id, ack, message))

    def keep_answer(self, node_id: str, message: bytes) -> None:
        self._writer.run(lambda db: _answer(db, node_id, message))

    def drop(self, n: int) -> None:
        """Give a parcel up: its node has the records still."""
        self._writer.run(lambda db: db.conn.execute("DELETE FROM parcels WHERE n = ?", (n,)))

    def answers(self, node_id: str, after: int, bytes_max: int) -> tuple[list[bytes], int]:
        """Central's words for a node after the ``after``th, and which was the last of them."""
        found: list[bytes] = []
        size = 0
        with self._reading:
            [newest] = self._reader.conn.execute("SELECT max(n) FROM answers").fetchone()
            after = after if after <= (newest or 0) else 0  # it counted on a disk that was lost
            rows = self._reader.conn.execute(
                "SELECT n, message FROM answers WHERE node_id = ? AND n > ? ORDER BY n",
                (node_id, after),
            ).fetchall()
        last = after
        for n, message in rows:
            size += len(message)
            if size > bytes_max:
                break
            found.append(message)
            last = n
        return found, last

    def numbers(self) -> set[int]:
        """Of all that lies here."""
        with self._reading:
            return {n for (n,) in self._reader.conn.execute("SELECT n FROM parcels").fetchall()}

    def load(self) -> Load:
        with self._reading:
            return _load(self._reader)

    @property
    def is_full(self) -> bool:
        """Whether the next large batch may find no room."""
        return self.load().size + MESSAGE_BYTES_MAX > self._bytes_max

    def close(self) -> None:
        self._reader.close()

    def _lying(self, n: int) -> Lying:
        row = self._reader.conn.execute(
            "SELECT n, node_id, message, kind <> 'ack' FROM parcels WHERE n = ?", (n,)
        ).fetchone()
        return Lying(row[0], row[1], row[2], bool(row[3]))

    def _keep(self, db: Database, row: "_Parcel") -> bool:
        if _known(db, row):
            return False
        if _load(db).size + len(row.message) > self._bytes_max:
            raise RelayFullError("what may lie here for others is used up")
        if row.kind in _LATEST:
            place = (row.node_id, row.kind)
            db.conn.execute("DELETE FROM parcels WHERE node_id = ? AND kind = ?", place)
        db.conn.execute(
            "INSERT INTO parcels (node_id, kind, epoch, lane, first, last, nonce, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            astuple(row),
        )
        return True


@dataclass(frozen=True, slots=True)
class _Parcel:
    node_id: str
    kind: str
    epoch: bytes
    lane: int
    first: int
    last: int
    nonce: bytes | None
    message: bytes


def _row(node_id: str, message: Message, data: bytes) -> _Parcel:
    match message:
        case EpochLink() if message.node_id == node_id:
            return _Parcel(node_id, "link", message.epoch, _FIRST, 0, 0, None, data)
        case Hello() if message.node_id == node_id:
            return _Parcel(node_id, "hello", message.epoch, _FIRST, 0, 0, message.nonce, data)
        case Ack() if message.node_id == node_id:
            return _Parcel(node_id, "ack", b"", _FIRST, 0, 0, None, data)
        case Batch(stream=stream) if message.node_id == node_id and stream.lane in DURABLE:
            place = (stream.epoch, stream.lane.value, message.first, message.last)
            return _Parcel(node_id, "batch", *place, None, data)
        case _:
            raise MalformedError("not what this node hands over")


def _known(db: Database, row: _Parcel) -> bool:
    """Whether all of it lies here already, in whatever batches."""
    if row.kind in _LATEST:
        return False
    place = (row.node_id, row.epoch, row.lane)
    if row.kind == "link":
        found = db.conn.execute(
            "SELECT 1 FROM parcels WHERE node_id = ? AND epoch = ? AND lane = ? AND kind = 'link'",
            place,
        )
        return found.fetchone() is not None
    covered = row.first
    for first, last in db.conn.execute(
        "SELECT first, last FROM parcels WHERE node_id = ? AND epoch = ? AND lane = ?"
        " AND first <= ? AND last >= ? ORDER BY first",
        (*place, row.last, row.first),
    ).fetchall():
        if first > covered:
            return False
        covered = max(covered, last + 1)
    return covered > row.last


def _confirm(db: Database, node_id: str, ack: Ack, message: bytes) -> None:
    for mark in ack.marks:
        epoch, lane = mark.stream.epoch, mark.stream.lane.value
        db.conn.execute(
            "DELETE FROM parcels WHERE node_id = ? AND epoch = ? AND lane = ? AND last <= ?",
            (node_id, epoch, lane, mark.held.seq),
        )
        if mark.held.seq:
            db.conn.execute(
                "DELETE FROM parcels WHERE node_id = ? AND epoch = ? AND kind = 'link'",
                (node_id, epoch),
            )
    for stream, first, _ in ack.refused:  # the node learns of it, and sends it otherwise
        db.conn.execute(
            "DELETE FROM parcels WHERE node_id = ? AND epoch = ? AND lane = ? AND first = ?",
            (node_id, stream.epoch, stream.lane.value, first),
        )
    db.conn.execute(
        "DELETE FROM parcels WHERE node_id = ? AND kind = 'link' AND n <"
        " (SELECT n FROM parcels WHERE node_id = ? AND nonce = ?)",  # they went before the hello
        (node_id, node_id, ack.nonce),
    )
    db.conn.execute("DELETE FROM parcels WHERE node_id = ? AND nonce = ?", (node_id, ack.nonce))
    _answer(db, node_id, message)


def _answer(db: Database, node_id: str, message: bytes) -> None:
    db.conn.execute("INSERT INTO answers (node_id, message) VALUES (?, ?)", (node_id, message))
    db.conn.execute(
        "DELETE FROM answers WHERE node_id = ? AND n NOT IN"
        " (SELECT n FROM answers WHERE node_id = ? ORDER BY n DESC LIMIT ?)",
        (node_id, node_id, ANSWERS_MAX),
    )
    db.conn.execute(
        "DELETE FROM answers WHERE node_id NOT IN"
        " (SELECT node_id FROM answers GROUP BY node_id ORDER BY max(n) DESC LIMIT ?)",
        (NODES_MAX,),
    )


def _load(db: Database) -> Load:
    found = db.conn.execute("SELECT count(*), coalesce(sum(length(message)), 0) FROM parcels")
    return Load(*found.fetchone())
