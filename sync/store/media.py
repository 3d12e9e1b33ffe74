"""Files: cut into chunks that are records like any other, read back from them, and their progress.

A file is written in groups of chunks, each group one commit; the record that announces it comes
with the last. So a crash leaves no half of a file to be seen, and "saved" means every byte of it.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from sqlite_utils import Database

from sync.store import runs
from sync.store.chunks import Run, cuts
from sync.store.draft import Content
from sync.store.errors import LockedError, StoreFullError
from sync.store.runs import NewRun, Original
from sync.store.store import Receipt, Store
from sync.wire import entries
from sync.wire.kinds.media import CHUNK_BYTES, MediaChunk, MediaFile, chunk_count
from sync.wire.records import Record, from_body

CHUNKS_AT_ONCE = 32  # half a megabyte a commit: one flush for many, and nobody waits long for it
DISK_SHARE = 1.25  # what a file takes on the disk while it is written: itself, and the log's part


class FileGoneError(Exception):
    """The file's chunks have left this node, behind central's backup, or never were here."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file whose writing stopped half way: the same file goes on where it ended."""

    sha256: bytes
    first: int
    done: int


class Media:
    """Every method may be called from any thread."""

    def __init__(self, store: Store, has_room: Callable[[int], bool] = lambda _: True) -> None:
        """``has_room(n)`` says whether the disk takes n bytes more."""
        self._store = store
        self._has_room = has_room
        self._turn = threading.Lock()  # one file at a time, so that its chunks lie together
        self._begun: _Begun | None = None

    def keep(self, content: Content, file: MediaFile, once: bytes | None = None) -> Receipt:
        """Save a file with the record that announces it; returns when all of it is on the disk.

        ``content`` gives exactly ``file.size`` bytes from its start. What is here already is not
        written again: then only the record is.

        Raises:
            StoreFullError, StoreFailedError: nothing is to be seen of it.
        """
        with self._turn:
            if self.original(file.sha256) is not None:
                return self._store.write(file, once)
            if not self._has_room(int(file.size * DISK_SHARE)):
                raise StoreFullError("no room for a file of this size")
            # So that no piece travels before what describes it.
            with self._store.holding_back(MediaChunk.lane):
                return self._write(content, file, once)

    def original(self, sha256: bytes) -> Original | None:
        """Where a file's chunks lie; None: not here, or written under a key that is locked away."""
        names = [key.name(sha256) for key in self._store.segments.all()]
        return self._store.look(lambda db: runs.by_names(db, names))

    def originals(self) -> list[Original]:
        """Every file of which chunks are still here, the oldest first."""
        return self._store.look(runs.all_of)

    def read(self, sha256: bytes, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to ``end``, chunk by chunk.

        Raises:
            FileGoneError: at once, or later when it is purged meanwhile.
            LockedError: its key was locked away meanwhile.
            SealError: a chunk was altered on the disk.
        """
        original = self.original(sha256)
        if original is None or not original.is_readable:
            raise FileGoneError("the file has left this node")
        return self._pieces(original, start, end)

    def _pieces(self, original: Original, start: int, end: int) -> Iterator[bytes]:
        for cut in cuts(original.size, start, end):
            yield self._chunk(original, cut.number)[cut.start : cut.end]

    def _chunk(self, original: Original, number: int) -> bytes:
        seq = original.run.first + number
        rows = self._store.rows_after(original.stream, seq - 1, 0)
        if not rows or rows[0].seq != seq:
            raise FileGoneError("the file has left this node")
        data = self._store.open_row(rows[0])
        if data is None:
            raise LockedError("the key of this file is locked away")
        entry = entries.decode(data)
        record = from_body(entry.kind, entry.body)
        assert isinstance(record, MediaChunk)
        return record.data

    def _write(self, content: Content, file: MediaFile, once: bytes | None) -> Receipt:
        count = chunk_count(file.size)
        begun = self._resumed(file.sha256)
        content.seek(begun.done * CHUNK_BYTES)
        chunks = _chunks(content, file, begun.done)
        while True:
            group = list(islice(chunks, CHUNKS_AT_ONCE))
            done = begun.done + len(group)
            if done == count:
                receipt = self._finish(group, file, begun, once)
                self._begun = None
                return receipt
            assert group, "the content is as long as the record says"
            receipts = self._store.write_together([(chunk, None) for chunk in group])
            begun = replace(begun, first=begun.first or receipts[0].seq, done=done)
            self._begun = begun

    def _finish(
        self, group: list[MediaChunk], file: MediaFile, begun: _Begun, once: bytes | None
    ) -> Receipt:
        """The last chunks, the record, and where they lie: all at once."""
        name = self._store.segments.current.name(file.sha256)

        def enter(db: Database, receipts: list[Receipt]) -> None:
            told = receipts[-1]
            first = begun.first or receipts[0].seq
            run = Run(first, chunk_count(file.size))
            media = receipts[0].stream if group else replace(told.stream, lane=MediaChunk.lane)
            runs.add(db, NewRun(name, file.size, media, run, told.stream, told.seq))

        acts: list[tuple[Record, bytes | None]] = [(chunk, None) for chunk in group]
        acts.append((file, once))
        return self._store.write_together(acts, enter)[-1]

    def _resumed(self, sha256: bytes) -> _Begun:
        if self._begun is not None and self._begun.sha256 == sha256:
            return self._begun
        self._begun = None
        return _Begun(sha256, 0, 0)


def _chunks(content: Content, file: MediaFile, number: int) -> Iterator[MediaChunk]:
    while data := content.read(CHUNK_BYTES):
        yield MediaChunk(file.sha256, file.size, number, data)
        number += 1
