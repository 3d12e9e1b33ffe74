"""Files on their way in: whose are received, and where they lie until they are saved."""

from collections.abc import Callable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sync.store.draft import Draft
from sync.store.errors import StoreError, StoreFullError

PATH, EVIDENCE_PATH = "/media", "/evidence"  # where files are sent to
DEVICES_PATH, DEVICES_ENDPOINT = "/openrosa/submission", "openrosa.submission"
ENDPOINTS = frozenset({"media.attach", "evidence.save", DEVICES_ENDPOINT})
DEVICES_MEMORY_BYTES_MAX = 512 * 1024  # what phones send at once; more goes to the disk
UPLOAD_BYTES_MAX = 512 * 1024**2  # a quarter of an hour of a telephone's video
AT_ONCE = 4
# While it comes in, once more while its form is read, and what the outbox then takes.
_ROOM_SHARE = 3.5


class BusyError(StoreError):
    """As many files are being received as this node can take at once."""


class Uploads:
    """Every method may be called from any thread."""

    def __init__(self, folder: Path, has_room: Callable[[int], bool]) -> None:
        """``has_room(n)`` says whether the disk takes n bytes more."""
        self._folder = folder
        self._has_room = has_room
        self._open: WeakSet[Draft] = WeakSet()

    def receive(self, length: int) -> "Arriving":
        """A place for a request's body of ``length`` bytes."""
        try:
            if len(self._open) >= AT_ONCE:
                raise BusyError("too many uploads at once")
            if not self._has_room(int(length * _ROOM_SHARE)):
                raise StoreFullError("no room for a file of this size")
            draft = self.draft()
        except StoreError as error:
            return Arriving(None, error)
        self._open.add(draft)
        return Arriving(draft, None)

    def draft(self) -> Draft:
        """Where a file is put that is found in a form. Raises StoreFullError."""
        try:
            return Draft(self._folder)
        except OSError as error:
            raise StoreFullError("no file can be made") from error


class Arriving:
    """Takes the place of the web server's own buffer, which would lie in the clear on the disk."""

    def __init__(self, draft: Draft | None, failure: StoreError | None) -> None:
        self._draft = draft
        self._failure = failure

    def append(self, data: bytes) -> None:
        """Keep what came; after a failure it is let go, and whoever reads is told."""
        if self._draft is None:
            return
        try:
            self._draft.write(data)
        except (OSError, StoreError) as error:
            self.close()
            self._failure = StoreFullError(f"the file could not be kept: {error}")

    def __len__(self) -> int:
        return self._draft.size if self._draft is not None else 0

    def getfile(self) -> RawIOBase | BytesIO:
        if self._draft is None:
            return _Failed(self._failure) if self._failure else BytesIO()
        self._draft.seek(0)
        return self._draft

    def close(self) -> None:
        if self._draft is not None:
            self._draft.close()
            self._draft = None


class _Failed(RawIOBase):
    """Says, when it is read, why there is nothing to read."""

    def __init__(self, failure: StoreError) -> None:
        super().__init__()
        self._failure = failure

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise self._failure
