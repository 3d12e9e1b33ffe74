"""Where a look at the catalogue gets its files: over a road, out of a folder, from a neighbour."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from sync.catalogue.errand import Errand
from sync.catalogue.errors import AbsentError, CutError, NoRoomError, TooLargeError
from sync.wire.repository import METADATA, METADATA_BYTES_MAX

TIMESTAMP = f"{METADATA}/timestamp.json"  # the one name whose file changes


class Source(Protocol):
    def metadata(self, name: str) -> bytes:
        """A small file, nothing in it judged. Raises a DownloadError or OSError."""

    def whole(self, name: str, bytes_max: int) -> Path:
        """A file that is now the caller's. Raises a DownloadError or OSError."""


class Road:
    """Asks central, over whatever road is up."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand

    def metadata(self, name: str) -> bytes:
        path = self._errand.fetch(name, METADATA_BYTES_MAX, resume=name != TIMESTAMP)
        try:
            return path.read_bytes()
        finally:
            path.unlink(missing_ok=True)

    def whole(self, name: str, bytes_max: int) -> Path:
        return self._errand.fetch(name, bytes_max, resume=True)


class Brought:
    """Takes what a courier or a neighbour put into a folder laid out as central's repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def metadata(self, name: str) -> bytes:
        with self._found(name).open("rb") as file:
            data = file.read(METADATA_BYTES_MAX + 1)
        if len(data) > METADATA_BYTES_MAX:
            raise TooLargeError(name)
        return data

    def whole(self, name: str, bytes_max: int) -> Path:
        path = self._found(name)
        if path.stat().st_size > bytes_max:
            raise TooLargeError(name)
        return path

    def _found(self, name: str) -> Path:
        path = self._folder / name
        if not path.is_file():
            raise AbsentError(name)
        return path


class Neighbour:
    """Takes from another node on the local network what that one has, and resumes what was cut."""

    def __init__(
        self,
        get: Callable[[str, int], Iterator[bytes]],
        parts: Path,
        has_room: Callable[[int], bool],
        may_go_on: Callable[[], bool],
    ) -> None:
        """``get(name, offset)`` gives a file's bytes; raises AbsentError, CutError."""
        self._get, self._parts = get, parts
        self._has_room, self._may_go_on = has_room, may_go_on

    def metadata(self, name: str) -> bytes:
        data = b""
        for chunk in self._chunks(name, 0):
            data += chunk
            if len(data) > METADATA_BYTES_MAX:
                raise TooLargeError(name)
        return data

    def whole(self, name: str, bytes_max: int) -> Path:
        self._parts.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._parts / hashlib.sha256(name.encode()).hexdigest()
        with path.open("ab") as file:
            for chunk in self._chunks(name, file.tell()):
                if file.tell() + len(chunk) > bytes_max:
                    file.truncate(0)
                    raise TooLargeError(name)
                if not self._has_room(len(chunk)):
                    raise NoRoomError("the disk is nearly full")
                file.write(chunk)
        return path

    def _chunks(self, name: str, offset: int) -> Iterator[bytes]:
        """A neighbour that only drips holds nobody up."""
        for chunk in self._get(name, offset):
            yield chunk
            if not self._may_go_on():
                raise CutError(name)


def lies_in(folder: Path) -> bool:
    """Whether somebody brought something."""
    return os.path.isfile(folder / TIMESTAMP)  # noqa: PTH113  false, not an error, if unreadable
