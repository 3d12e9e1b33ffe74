"""The catalogue on a courier's stick: central's files as they are, under a folder of their own.

Nothing here judges them: their own signatures do, when the node looks.
"""

import filecmp
import io
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from sync.transport.courier import StickError

FOLDER = "catalogue"
_LAST = "metadata/timestamp.json"  # it names all the rest: while it is not there, nothing is
_FILES_MAX = 16_384
_BYTES_MAX = 4 * 1024**3


def load(repository: Path, names: Iterable[str], timestamp: bytes, stick: Path) -> None:
    """Put files of the repository on the stick, and take others of an older one away.

    ``timestamp`` is the one that is made for the journey. Raises StickError.
    """
    folder, wanted = stick / FOLDER, {*names} - {_LAST}
    try:
        (folder / _LAST).unlink(missing_ok=True)
        for path in _files(folder):
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
        for name in sorted(wanted):
            _copy(repository / name, folder / name)
        _write(io.BytesIO(timestamp), folder / _LAST)
    except OSError as error:
        raise StickError(
            f"The catalogue does not fit on {stick} ({error.strerror}): free room there, then"
            " repeat."
        ) from error


def unload(stick: Path, into: Path) -> bool:
    """Lay a stick's catalogue where the node looks; whether there was one. Raises StickError."""
    folder = stick / FOLDER
    try:
        if not (folder / _LAST).is_file():
            return False
        paths = _files(folder)
        if len(paths) > _FILES_MAX or sum(path.stat().st_size for path in paths) > _BYTES_MAX:
            raise StickError(f"{folder} is no catalogue of ours: it is far too large.")
        shutil.rmtree(into, ignore_errors=True)
        for path in sorted(paths, key=lambda path: path == folder / _LAST):
            _copy(path, into / path.relative_to(folder))
    except OSError as error:
        raise StickError(
            f"The catalogue on {stick} cannot be taken ({error.strerror}): check the stick and the"
            " node's free room."
        ) from error
    return True


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def _copy(source: Path, path: Path) -> None:
    if path.is_file() and filecmp.cmp(source, path, shallow=False):
        return  # a stick is slow to write
    with source.open("rb") as opened:
        _write(opened, path)


def _write(opened: IO[bytes], path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name("~draft")
    with draft.open("wb") as file:
        shutil.copyfileobj(opened, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
