"""Goes for one file after the other over whatever road is up, and resumes what was cut."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from typing import IO

from sync.catalogue.errors import AbsentError, CutError, NoRoomError, TooLargeError
from sync.catalogue.ranges import Ask, End, Pace, Ranges
from sync.wire.pieces import Piece

PIECES_WAITING_MAX = 8  # more than are ever asked for at once
SILENCE_MS_MAX = 5 * 60 * 1000  # then the errand is given up until later


class Errand:
    """``heard`` may be called from any thread; all else by the catalogue's own."""

    def __init__(
        self,
        folder: Path,
        ask: Callable[[str, int, int], None],
        is_up: Callable[[], bool],
        has_room: Callable[[int], bool],
        monotonic_ms: Callable[[], int],
        tick_ms: int,
    ) -> None:
        """``folder`` holds what has come of files; ``ask(name, offset, length)`` sends a want.

        ``tick_ms``: so long a piece is waited for before the clock is looked at again.
        """
        self.stopping = threading.Event()
        self.on_news: Callable[[Piece], None] = lambda _: None
        self._folder, self._ask, self._is_up = folder, ask, is_up
        self._has_room, self._monotonic_ms = has_room, monotonic_ms
        self._tick_s = tick_ms / 1000
        self._pieces: Queue[Piece] = Queue(PIECES_WAITING_MAX)
        self._name: str | None = None
        self._pace = Pace()

    def heard(self, piece: Piece) -> None:
        """Take a piece that came by any road."""
        if piece.name == self._name:
            with suppress(Full):  # it will be asked for again
                self._pieces.put_nowait(piece)
        else:
            self.on_news(piece)

    def fetch(self, name: str, bytes_max: int, *, resume: bool) -> Path:
        """Give the whole file, which is now the caller's; nothing in it was judged yet.

        Raises:
            CutError, AbsentError, TooLargeError, NoRoomError: it did not come.
        """
        path = self._folder / hashlib.sha256(name.encode()).hexdigest()
        self._name = name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("ab" if resume else "wb") as file:
                self._run(name, file, bytes_max)
        except (AbsentError, TooLargeError):
            path.unlink(missing_ok=True)
            raise
        finally:
            self._name = None
            with suppress(Empty):
                while True:
                    self._pieces.get_nowait()
        return path

    def forget(self) -> None:
        """Drop what has come of files that nobody fetches any more."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                path.unlink()

    def _run(self, name: str, file: IO[bytes], bytes_max: int) -> None:
        ranges = Ranges(file.tell(), bytes_max, self._pace)
        heard_ms = self._monotonic_ms()
        while True:
            now_ms = self._monotonic_ms()
            if self.stopping.is_set() or not self._is_up() or now_ms - heard_ms > SILENCE_MS_MAX:
                raise CutError(f"{name} was cut")
            for ask in ranges.due(now_ms):
                self._send(name, ask)
            try:
                piece = self._pieces.get(timeout=self._tick_s)
            except Empty:
                continue
            heard_ms = self._monotonic_ms()
            data, end = ranges.take(piece, heard_ms)
            self._keep(file, data, ranges)
            if end is End.WHOLE:
                return
            if end is not None:
                ranges = self._again(name, file, end, bytes_max)

    def _send(self, name: str, ask: Ask) -> None:
        self._ask(name, ask.offset, ask.length)

    def _keep(self, file: IO[bytes], data: bytes, ranges: Ranges) -> None:
        if not self._has_room((ranges.total or 0) - ranges.have):
            raise NoRoomError("the disk is nearly full")
        file.write(data)

    def _again(self, name: str, file: IO[bytes], end: End, bytes_max: int) -> Ranges:
        if end is End.ABSENT:
            raise AbsentError(name)
        if end is End.TOO_LARGE:
            raise TooLargeError(name)
        file.truncate(0)
        file.seek(0)
        return Ranges(0, bytes_max, self._pace)
