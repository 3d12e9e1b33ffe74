"""The store: seals a record into the outbox in one transaction, and says how far each has come."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlite_utils import Database

from sync.store import marks, outbox, streams
from sync.store.errors import StoreFullError
from sync.store.outbox import Row
from sync.store.segments import Segments
from sync.store.streams import Track
from sync.store.writer import Writer
from sync.wire import entries, stored
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import DURABLE, Lane
from sync.wire.limits import STREAMS_MAX
from sync.wire.messages import EpochLink, Holding
from sync.wire.places import BEGINNING, Mark, Stream, public_id
from sync.wire.records import Record, to_body

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A record that is on disk. ``repeated``: it was already there under the same ``once``."""

    node_id: str
    stream: Stream
    seq: int
    saved_ms: int
    repeated: bool

    @property
    def public_id(self) -> str:
        """The name that people read and quote."""
        return public_id(self.node_id, self.stream, self.seq)


@dataclass(frozen=True, slots=True)
class Depth:
    """Records of one lane, over all epochs that this node knows of."""

    written: int
    held: int
    backed_up: int

    @property
    def waiting(self) -> int:
        return self.written - self.held


@dataclass(frozen=True, slots=True)
class Journey:
    """When a record came how far. ``None``: not yet."""

    saved_ms: int
    sent_ms: int | None
    held_ms: int | None


class Store:
    """What the services write to, and what the pump sends from.

    ``reader`` is this store's own connection (the writer's, where they share one file handle).
    """

    def __init__(
        self,
        node_id: str,
        writer: Writer,
        reader: Database,
        segments: Segments,
        stamp: Callable[[], Stamp],
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self.node_id = node_id
        self.segments = segments
        self.on_commit: Callable[[], None] = lambda: None
        self._writer = writer
        self._reader = reader
        self._reading = threading.Lock()
        self._stamp = stamp
        self._has_room = has_room
        self._held_back: dict[Stream, int] = {}
        self._packer = entries.compressor()  # used by whoever has the writer's turn
        self._follows = streams.ends(reader)
        self.link = segments.new_link(node_id, self._follows)

    @property
    def epoch(self) -> bytes:
        return self.link.epoch

    def write(self, record: Record, once: bytes | None = None) -> Receipt:
        """Seal ``record`` into the outbox; returns when it is on disk and not before.

        ``once`` names the act, not the content: the same ``once`` never writes a second record.

        Raises:
            StoreFullError, StoreFailedError: nothing was saved.
            OversizedError: the record is larger than may travel.
        """
        [receipt] = self.write_together([(record, once)])
        return receipt

    def write_together(
        self,
        acts: Sequence[tuple[Record, bytes | None]],
        also: Callable[[Database, list[Receipt]], None] = lambda *_: None,
    ) -> list[Receipt]:
        """Seal several records, each with its ``once``, in one transaction: all, or none.

        ``also`` is run in it too. Raises as ``write`` does.
        """
        if not self._has_room():
            raise StoreFullError("the disk is nearly full")
        stamp = self._stamp()
        fresh = [
            (
                Stream(self.epoch, record.lane),
                entries.encode_fresh(Entry(record.kind, stamp, to_body(record))),
                once,
            )
            for record, once in acts
        ]

        def job(db: Database) -> list[Receipt]:
            receipts = [
                self._append(db, stream, entry, stamp.reading_ms, once)
                for stream, entry, once in fresh
            ]
            also(db, receipts)
            return receipts

        receipts = self._writer.run(job)
        self.on_commit()
        return receipts

    def look(self, question: Callable[[Database], T]) -> T:
        """Ask the outbox something on this store's reading connection."""
        with self._reading:
            return question(self._reader)

    def depths(self) -> dict[Lane, Depth]:
        tracks = self.tracks()
        return {
            lane: Depth(
                sum(track.newest for track in tracks if track.stream.lane is lane),
                sum(track.held for track in tracks if track.stream.lane is lane),
                sum(track.backed_up for track in tracks if track.stream.lane is lane),
            )
            for lane in DURABLE
        }

    def journey(self, stream: Stream, seq: int) -> Journey | None:
        """None: no such record is on this node."""
        with self._reading:
            saved_ms = outbox.saved_at(self._reader, stream, seq)
            if saved_ms is None:
                return None
            sent, held = (
                outbox.passed_at(self._reader, stream, stage, seq) for stage in ("sent", "held")
            )
        return Journey(saved_ms, sent, held)

    @contextmanager
    def holding_back(self, lane: Lane) -> Iterator[None]:
        """What is written of ``lane`` meanwhile is ready to be sent only at the end."""
        stream = Stream(self.epoch, lane)
        self._held_back = {stream: self.ready().get(stream, 0)}
        try:
            yield
        finally:
            self._held_back = {}
            self.on_commit()

    def ready(self) -> dict[Stream, int]:
        """How far each stream may be sent."""
        newest = {track.stream: track.newest for track in self.tracks()}
        return newest | {one: seq for one, seq in self._held_back.items() if one in newest}

    def tracks(self) -> list[Track]:
        with self._reading:
            return streams.tracks(self._reader)

    def holdings(self) -> tuple[Holding, ...]:
        with self._reading:
            return streams.holdings(self._reader, STREAMS_MAX)

    def rows_after(self, stream: Stream, seq: int, bytes_max: int) -> list[Row]:
        with self._reading:
            return outbox.rows_after(self._reader, stream, seq, bytes_max)

    def rows_in_order(self, after: int, limit: int) -> list[Row]:
        with self._reading:
            return outbox.in_order(self._reader, after, limit)

    def hash_at(self, stream: Stream, seq: int) -> bytes | None:
        with self._reading:
            return outbox.hash_at(self._reader, stream, seq)

    def link_of(self, epoch: bytes) -> EpochLink | None:
        """The link of this start, or of an earlier one that has records here."""
        if epoch == self.epoch:
            return self.link
        with self._reading:
            return streams.link_of(self._reader, self.node_id, epoch)

    def open_row(self, row: Row) -> bytes | None:
        """The canonical entry of a row; None while its segment's key is not in memory.

        Raises:
            SealError: the row was altered on the disk.
        """
        key = self.segments.key_of(row.stream.epoch)
        if key is None:
            return None
        return entries.unseal(row.sealed, key, self.node_id, row.stream, row.seq)

    def note_sent(self, stream: Stream, seq: int, at_ms: int) -> None:
        self._writer.run(lambda db: outbox.pass_stage(db, stream, "sent", seq, at_ms))

    def note_acked(self, tracks: list[Track], at_ms: int) -> None:
        """Keep how far central holds each stream, as its ack said."""
        self._writer.run(lambda db: marks.confirm(db, tracks, at_ms))

    def purge(self, saved_before_ms: int) -> dict[Stream, int]:
        """Drop what is backed up and older; give each stream's floor where it rose."""
        before = {track.stream: track.floor for track in self.tracks()}
        return {
            stream: floor
            for stream, was in before.items()
            if (floor := self._purged(stream, was, saved_before_ms)) > was
        }

    def _purged(self, stream: Stream, floor: int, saved_before_ms: int) -> int:
        """In steps, of which none lets writers wait for long."""
        while (risen := self._writer.run(marks.purging(stream, saved_before_ms))) > floor:
            floor = risen
        return floor

    def enter(self, db: Database) -> None:
        """Keep this start and its key with what is about to be sealed under it."""
        streams.keep_epoch(db, self.link, self.segments.sealed_to_desk(self.epoch))

    def share_with_desk(self) -> None:
        """Seal the keys in memory to the desk, for epochs that began before there was one."""
        with self._reading:
            unshared = [
                epoch for epoch, box in streams.keys_to_desk(self._reader).items() if box is None
            ]
        for epoch in unshared:
            box = self.segments.sealed_to_desk(epoch)
            if box is not None:
                self._writer.run(partial(streams.seal_to_desk, epoch=epoch, to_desk=box))

    def learn_keys(self) -> None:
        """After an unlock: open the segment keys of all that is still here."""
        with self._reading:
            boxes = streams.keys_to_desk(self._reader)
        self.segments.learn(boxes)

    def close(self) -> None:
        self._writer.close()
        self._reader.close()

    def _append(
        self, db: Database, stream: Stream, entry: bytes, now_ms: int, once: bytes | None
    ) -> Receipt:
        found = streams.newest(db, stream)
        if found is None:
            if once is not None and (known := outbox.by_once(db, once)) is not None:
                return self._receipt(known, repeated=True)
            self.enter(db)
            base = self.link.base(stream.lane)
            before = Mark(0, base[1].head if base else BEGINNING.head)
            stream_id = streams.open_stream(db, stream, before)
        else:
            stream_id, before = found
        seq = before.seq + 1
        key = self.segments.current
        # Chunks of files are compressed already, mostly.
        pack = stored.frame if stream.lane is Lane.MEDIA else self._packer.compress
        sealed = entries.seal(pack(entry), key, self.node_id, stream, seq)
        link = key.link(before.head, stream.place(seq), entry)
        row = Row(0, stream, seq, sealed, link, now_ms)
        known = outbox.append(db, stream_id, row, once)
        return self._receipt(known or row, repeated=known is not None)

    def _receipt(self, row: Row, *, repeated: bool) -> Receipt:
        return Receipt(self.node_id, row.stream, row.seq, row.saved_ms, repeated)
