"""What has left central's machine: the nodes' signed messages, as files in a folder elsewhere.

A file is a CBOR array of [node id, form, message, kept at]; files are numbered, and read back in
order.
"""

import os
import secrets
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from central.dictionary import DictionaryFolder, copy_missing
from central.errors import BackupError
from central.store.kept import Form, Kept, reached_by_node, read_concession
from central.store.log import SqlLog
from sync.core import receiver
from sync.core.intake import Intake
from sync.core.receiver import Book
from sync.wire import cbor
from sync.wire.errors import WireError
from sync.wire.limits import STREAMS_MAX
from sync.wire.messages import Ack, AckMark
from sync.wire.places import Stream

MESSAGES_MAX = 500  # in one file
FILE_BYTES_MAX = 256 * 1024 * 1024  # 500 of the largest messages, with room
_NAME = "folder.id"
_ENDING = ".kept"


class Backup:
    """Writes what the log keeps into ``folder``. One thread at a time may use it."""

    def __init__(self, folder: Path, log: SqlLog, dictionaries: DictionaryFolder) -> None:
        """Take the folder; one not used before gets every message, and what they are read with.

        Raises:
            BackupError: it cannot be written.
            LogError: the log does not answer.
        """
        self._folder = folder
        self._log = log
        self._dictionaries = dictionaries
        log.backup_folder(_folder_id(folder))

    def run_once(self) -> dict[str, Book]:
        """Write the oldest messages that the folder lacks; give the books of their nodes.

        Only when the file is on the disk, and its name too, do the marks move.

        Raises:
            BackupError, DictionaryFileError, LogError: nothing is marked as backed up.
        """
        waiting = self._log.backup_waiting(MESSAGES_MAX)
        if not waiting:
            return {}
        copy_missing(self._dictionaries, DictionaryFolder(self._folder))
        self._write(cbor.encode([_row(one) for one in waiting]))
        return self._log.backup_done(waiting)

    def _write(self, data: bytes) -> None:
        try:
            last = max((int(path.stem) for path in _files(self._folder)), default=0)
            path = self._folder / f"{last + 1:010d}{_ENDING}"
            draft = path.with_suffix(".draft")
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _flush(self._folder)
        except OSError as error:
            raise BackupError(
                f"The backup folder {self._folder} cannot be written ({error.strerror}):"
                " check that it is there and has room."
            ) from error


def acks_of(books: dict[str, Book], now_ms: int) -> list[Ack]:
    """Tell each node what is backed up now."""
    return [
        Ack(
            node_id,
            now_ms,
            None,
            tuple(
                AckMark(stream, mark, min(book.backed_up.get(stream, 0), mark.seq))
                for stream, mark in list(book.held.items())[-STREAMS_MAX:]
            ),
        )
        for node_id, book in books.items()
    ]


def restore(folder: Path, log: SqlLog, intake: Intake, dictionaries: DictionaryFolder) -> int:
    """Feed an empty log with what a folder holds; gives how many messages were read.

    Raises:
        BackupError: not a backup, a file of it is spoiled, or central's keys are not those of
            the backup, so that not all of it was taken.
        DictionaryFileError: there is no room for what the messages are read with.
        LogError: the log does not take it.
    """
    copy_missing(DictionaryFolder(folder), dictionaries)
    count = 0
    ends: dict[str, dict[Stream, int]] = {}
    for path in _files(folder):
        messages, reached = _read(path)
        count += len(messages)
        for node_id, marks in reached.items():
            mine = ends.setdefault(node_id, {})
            mine.update({one: max(seq, mine.get(one, 0)) for one, seq in marks.items()})
        _replay(messages, log, intake)
    if not count:
        raise BackupError(f"{folder} holds no backup: say the folder that central wrote to.")
    _expect(ends, log)
    log.restored(_folder_id(folder))
    return count


def _replay(messages: list[Kept], log: SqlLog, intake: Intake) -> None:
    """In the groups in which they came, with their times."""
    for (form, kept_at_ms), group in groupby(messages, lambda one: (one.form, one.kept_at_ms)):
        if form is Form.SIGNED:
            intake.take([(one.node_id, one.message) for one in group], kept_at_ms)
            continue
        with log.group(kept_at_ms) as shelf:
            for one in group:
                stream, mark = read_concession(one.message)
                for finding in receiver.concede(shelf.book(one.node_id), stream, mark):
                    shelf.concede(one.node_id, stream, mark)
                    shelf.found(one.node_id, finding)


def _expect(ends: dict[str, dict[Stream, int]], log: SqlLog) -> None:
    """Whoever said "backed up" of these records must hold them again, or say that it does not."""
    lacking = [
        node_id
        for node_id, marks in sorted(ends.items())
        for book in [log.book(node_id)]
        if any(book.mark(stream).seq < seq for stream, seq in marks.items())
    ]
    if lacking:
        raise BackupError(
            f"Not all records of {', '.join(lacking)} were taken back: put the opening.key and"
            " the fleet.json of the time of the backup into the keys folder, empty the database"
            " and restore again."
        )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{_ENDING}") if path.stem.isdecimal())


def _read(path: Path) -> tuple[list[Kept], dict[str, dict[Stream, int]]]:
    """Give the messages of a file, and up to where they bring each stream."""
    try:
        data = path.read_bytes()
        messages = list(_messages(cbor.decode(data, FILE_BYTES_MAX)))
        return messages, reached_by_node(messages)
    except (OSError, WireError, ValueError, TypeError) as error:
        raise BackupError(f"{path} cannot be read back: take it from another copy.") from error


def _messages(rows: object) -> Iterator[Kept]:
    if not isinstance(rows, list):
        raise TypeError("not a list of messages")
    for node_id, form, message, kept_at_ms in rows:
        yield Kept(0, str(node_id), Form(form), bytes(message), int(kept_at_ms))


def _row(one: Kept) -> list[object]:
    return [one.node_id, int(one.form), one.message, one.kept_at_ms]


def _folder_id(folder: Path) -> str:
    """The name that the folder got when it was first used."""
    path = folder / _NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(secrets.token_hex(16), "ascii")
            _flush(folder)
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(
            f"The backup folder {folder} cannot be used: check that it is there and writable."
        ) from error


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
