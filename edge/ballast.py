"""A file that holds nothing: dropped when the disk is full, so that records can still leave it.

On a full disk not even deleting works, for in WAL mode a deletion is written first.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

BYTES = 8 * 1024**2  # acks for a hundred thousand records, and their purge
_DROP_BELOW = BYTES // 4  # of free room
_KEEP_ABOVE = 8 * BYTES


class Ballast:
    """Looked at before the databases are opened, and again by the timetable."""

    def __init__(self, path: Path, free_bytes: Callable[[], int]) -> None:
        self._path = path
        self._free_bytes = free_bytes

    def trim(self) -> None:
        """Drop the file when the disk is nearly full; lay it down when there is room again."""
        free = self._free_bytes()
        if free < _DROP_BELOW:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        elif free > _KEEP_ABOVE and not self._path.exists():
            self._lay_down()

    def _lay_down(self) -> None:
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BYTES)
        except OSError:  # no room after all, or a file system that cannot
            self._path.unlink(missing_ok=True)
