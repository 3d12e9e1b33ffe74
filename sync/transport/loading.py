"""Loading a courier's stick: files of signed messages, each there whole or not at all."""

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sync.transport.courier import StickError, files, node_of
from sync.wire import bag, courier
from sync.wire.courier import Label

NOTE = "README.txt"
_BAG_FULL = bag.BAG_BYTES_MAX - 4096  # leaves room for the array that the messages stand in


def write(
    folder: Path, label: Label, signed: Iterable[bytes], on_bytes: Callable[[int], object]
) -> list[Path]:
    """Write messages as files, and take away the node's earlier ones on this way.

    What the earlier files held and central does not have yet is in these again. ``on_bytes``
    is told how many bytes went since the last time.

    Raises:
        StickError: full, locked, or pulled out; no file is left half written under its name.
    """
    written: list[Path] = []
    packed = _packed(signed)
    try:
        first = next(packed, None)
        while first is not None:
            part = Label(label.way, label.node_id, label.written_ms, len(written) + 1)
            path, first = _write_file(folder, part, first, packed, on_bytes)
            written.append(path)
        for path in files(folder, label.way):
            if path not in written and node_of(path) == label.node_id:
                path.unlink()
        _note(folder)
        flush(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return written


def flush(folder: Path) -> None:
    """Bring a folder's names to the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_file(
    folder: Path,
    label: Label,
    first: bytes,
    rest: Iterator[bytes],
    on_bytes: Callable[[int], object],
) -> tuple[Path, bytes | None]:
    """Write one file, full or with all that is left; give it and the bag that had no room."""
    draft = folder / f"n-{label.node_id}-{label.way.value}.tmp"
    digest, size, over = hashlib.sha256(), 0, None
    try:
        with open(draft, "wb", opener=_opener) as file:
            for piece in _pieces(label, first, rest):
                if size + len(piece) > courier.FILE_BYTES:
                    over = piece[courier.LENGTH_BYTES :]
                    break
                digest.update(piece)
                size += file.write(piece)
                on_bytes(len(piece))
            digest.update(courier.END)
            file.write(courier.END + digest.digest())
            file.flush()
            os.fsync(file.fileno())
        path = folder / courier.file_name(label, digest.digest())
        draft.replace(path)
        flush(folder)
    except OSError:
        _drop(draft)
        raise
    return path, over


def _pieces(label: Label, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield courier.head(label)
    yield courier.framed(first)
    for packed in rest:
        yield courier.framed(packed)


def _packed(signed: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for message in signed:
        if held and (size + len(message) > _BAG_FULL or len(held) == bag.MESSAGES_MAX):
            yield bag.pack(held)
            held, size = [], 0
        held.append(message)
        size += len(message) + 5  # the longest head of a byte string in here
    if held:
        yield bag.pack(held)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _note(folder: Path) -> None:
    """Say to whoever finds the stick what it is; a note that is there already stays."""
    note = folder / NOTE
    if not note.exists() and not note.is_symlink():
        with note.open("x", encoding="utf-8-sig", newline="\r\n") as file:
            file.write(_WORDS)


def _drop(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        return  # the stick is gone or locked; the next export writes over it


def _unwritable(folder: Path, error: OSError) -> StickError:
    kept = "Nothing is lost: it is all still where it came from."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StickError(f"{folder} is full: free room or take a larger stick. {kept}")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StickError(f"{folder} takes no files: unlock the stick for writing. {kept}")
    return StickError(
        f"{folder} was not written to the end ({error.strerror}): put the stick in again and"
        f" repeat. {kept}"
    )


_WORDS = """\
NEZLAM

Ця флешка переносить дані пункту незламності між пунктом і центром. Усе на ній зашифровано:
прочитати це може лише центр. Не змінюйте і не перейменовуйте файли; копіювати їх можна.
Знайшли флешку? Передайте її працівникам найближчого пункту незламності.

Для працівника: на вузлі      nezlam courier export ТЕКА   і потім   nezlam courier import ТЕКА
                у центрі      nezlam central courier ТЕКА

This stick carries the data of a relief centre between the centre and central. All of it is
encrypted: only central can read it. Do not change or rename the files; copying them is fine.
Found it? Please give it to the staff of the nearest relief centre.

For staff:   on the node   nezlam courier export FOLDER,  later   nezlam courier import FOLDER
             at central    nezlam central courier FOLDER
"""
