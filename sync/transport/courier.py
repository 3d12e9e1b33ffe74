"""A courier's stick as it is found: each file is read with suspicion, and whole or not at all."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sync.wire import bag, courier
from sync.wire.courier import Label, Way
from sync.wire.errors import MalformedError, VersionError, WireError

FILES_MAX = 4096  # on one stick; more is no stick of ours

# What stands behind the digits was added by a machine that copied a file twice: "(1)".
_NAME = re.compile(r"n-(?P<node>[a-z0-9-]+)-(?P<way>[ud])[0-9a-f]{8}.{0,16}\.nez", re.IGNORECASE)
_CHUNK = 64 * 1024


class StickError(Exception):
    """The stick cannot be used. ``str(error)`` is a sentence for whoever holds it."""


class CourierFileError(Exception):
    """One file cannot be used; the others can. ``str(error)`` is a sentence that names it."""


def files(folder: Path, way: Way) -> list[Path]:
    """The files that go this way, in the order of writing; links and folders are passed by.

    A later part of an export says what follows an earlier one; names do not tell which is which.

    Raises:
        StickError: the folder cannot be read, or holds far too many.
    """
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if (found := _NAME.fullmatch(entry.name))
                and found["way"].lower() == way.value
                and entry.is_file(follow_symlinks=False)
            ]
    except OSError as error:
        raise _unreadable(folder, error) from error
    if len(names) > FILES_MAX:
        raise StickError(f"{folder} holds {len(names)} files of couriers: at most {FILES_MAX} go.")
    return sorted((folder / name for name in names), key=_written)


def _written(path: Path) -> tuple[int, int, str]:
    """Sorts files; of one that cannot be read somebody else is told when it is checked."""
    try:
        with opened(path) as file:
            label = _label(file, hashlib.sha256())
    except (CourierFileError, WireError, OSError):
        return 0, 0, path.name
    return label.written_ms, label.part, path.name


def check(path: Path) -> Label:
    """Read a file to its end and give its label: from then on its bags may be used.

    Raises:
        CourierFileError: torn, spoiled, too large, or of a later Nezlam.
    """
    with opened(path) as file:
        try:
            label = _label(file, digest := hashlib.sha256())
            for _ in _bags(file, digest):
                pass
        except VersionError as error:
            raise CourierFileError(
                f"{path.name} was written by a later Nezlam: update this one, then repeat."
            ) from error
        except WireError as error:
            raise CourierFileError(
                f"{path.name} is torn or spoiled: copy it again from where it was written."
            ) from error
        except OSError as error:
            raise CourierFileError(
                f"{path.name} cannot be read to its end ({error.strerror}): copy it again."
            ) from error
    return label


def messages(path: Path) -> Iterator[list[bytes]]:
    """The signed messages of a file that was checked, a bag at a time; memory holds one.

    Raises:
        CourierFileError: it changed since it was checked.
    """
    with opened(path) as file:
        try:
            _label(file, digest := hashlib.sha256())
            for packed in _bags(file, digest):
                yield bag.unpack(packed)
        except (WireError, OSError) as error:
            raise CourierFileError(f"{path.name} changed while it was read: repeat.") from error


def _label(file: IO[bytes], digest: "hashlib._Hash") -> Label:
    start = _exactly(file, len(courier.MAGIC) + 2, digest)
    return courier.read_label(_exactly(file, courier.label_length(start), digest))


def _bags(file: IO[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """Give the bags of a file whose label was read; at its end, judge the whole."""
    while length := int.from_bytes(_exactly(file, courier.LENGTH_BYTES, digest), "big"):
        if length > bag.BAG_BYTES_MAX:
            raise MalformedError("a bag larger than any")
        yield _exactly(file, length, digest)
    if file.read(courier.HASH_BYTES + 1) != digest.digest():
        raise MalformedError("not the bytes that were written")


def _exactly(file: IO[bytes], count: int, digest: "hashlib._Hash") -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise MalformedError("it ends too early")
    digest.update(data)
    return data


def opened(path: Path) -> IO[bytes]:
    """Open a plain file of a size that may be; a link or a pipe under its name is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise CourierFileError(
            f"{path.name} cannot be opened ({error.strerror}): copy it again."
        ) from error
    file = open(handle, "rb", buffering=_CHUNK)  # noqa: PTH123, SIM115  the caller closes it
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > courier.FILE_BYTES_MAX:
        file.close()
        raise CourierFileError(f"{path.name} is not a courier's file: take it off the stick.")
    return file


def node_of(path: Path) -> str | None:
    """Whose a file is, by its name alone."""
    found = _NAME.fullmatch(path.name)
    return found["node"].lower() if found else None


def _unreadable(folder: Path, error: OSError) -> StickError:
    return StickError(
        f"{folder} cannot be read ({error.strerror}): put the stick in again, then repeat."
    )
