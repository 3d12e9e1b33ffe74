"""Codes (QR, Aztec, DataMatrix, PDF417) out of pictures and PDFs: a frugal child reads them."""

import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from localservices.verification.reader import MISSING, TOO_LARGE

PICTURE_BYTES_MAX = 12 * 1024 * 1024  # a photo by a good telephone, or some scanned pages
TIMEOUT_S = 15.0
AT_ONCE = 2  # each may take reader.MEMORY_BYTES_MAX of a small machine
WAIT_S = 2.0  # a photo takes a third of one
NO_READER = "picture_unread"  # the extra that reads pictures is not installed
NO_ROOM = "picture_waits"  # other pictures take the room
NO_CODE = "picture_without_code"


class PictureError(Exception):
    """No text was found. ``code`` is a key of the messages."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Readers:
    """So many pictures at once. Any thread may call.

    A child is made ready for the next picture as soon as one was read: a camera shows one after
    another, and starting a child takes longer than reading. One that nobody needs ends by itself.
    """

    def __init__(self, at_once: int = AT_ONCE, *, keeps_ready: bool = True) -> None:
        self._keeps_ready = keeps_ready
        self._room = threading.BoundedSemaphore(at_once)
        self._spare = _Spare()
        weakref.finalize(self, self._spare.end)

    def texts(self, data: bytes) -> list[str]:
        """Give the texts of all codes that are seen, each once; at least one.

        Raises:
            PictureError: too large, no picture, no code in it, no reader installed, or no room now.
        """
        if len(data) > PICTURE_BYTES_MAX:
            raise PictureError("picture_too_large")
        with self._place():
            try:
                code, told = _asked(self._spare.take(), data)
                if self._keeps_ready:
                    self._spare.make_ready()
            except OSError as error:  # no memory, or no room for one more process
                raise PictureError(NO_ROOM) from error
        if code != 0:
            raise PictureError(_PROBLEMS.get(code, "picture_spoiled"))
        found: list[str] = json.loads(told)
        if not found:
            raise PictureError(NO_CODE)
        return list(dict.fromkeys(found))

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._room.acquire(timeout=WAIT_S):
            raise PictureError(NO_ROOM)
        try:
            yield
        finally:
            self._room.release()


class _Spare:
    """A child that waits for a picture. It ends by itself too, so that it may be gone."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def take(self) -> subprocess.Popen[bytes]:
        """Give the child that waits, or a new one. Raises OSError."""
        with self._turn:
            child, self._child = self._child, None
        if child is not None and child.poll() is None:
            return child
        _ended(child)
        return _started()

    def make_ready(self) -> None:
        """Raises OSError."""
        with self._turn:
            if self._child is None:
                self._child = _started()

    def end(self) -> None:
        with self._turn:
            child, self._child = self._child, None
        _ended(child)


_PROBLEMS = {MISSING: NO_READER, TOO_LARGE: "picture_too_large"}


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "localservices.verification.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _ended(child: subprocess.Popen[bytes] | None) -> None:
    if child is not None:
        with child:
            child.kill()


def _asked(child: subprocess.Popen[bytes], data: bytes) -> tuple[int, bytes]:
    """Its exit code, and what it said. Raises PictureError: it took too long."""
    with child:
        try:
            told, _ = child.communicate(data, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise PictureError("picture_too_large") from error
    return child.returncode, told
