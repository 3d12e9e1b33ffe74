"""A small picture of a picture, made in a child process that has little memory and little time."""

import subprocess
import sys
from threading import BoundedSemaphore

from localservices import sniff
from sync.store.draft import Content
from sync.wire.kinds.media import PREVIEW_BYTES_MAX

PICTURE_BYTES_MAX = 64 * 1024**2
TIMEOUT_S = 20.0


class Previews:
    """One at a time: each may take ``shrink.MEMORY_BYTES_MAX`` of a small machine."""

    def __init__(self) -> None:
        self._turn = BoundedSemaphore(1)

    def of(self, content: Content, size: int, media_type: str) -> bytes:
        """A JPEG of at most ``PREVIEW_BYTES_MAX``; empty where none can be made.

        A file without a preview is saved all the same, so nothing is raised for one.
        """
        if media_type not in sniff.PICTURES or size > PICTURE_BYTES_MAX:
            return b""
        if not self._turn.acquire(timeout=TIMEOUT_S):
            return b""
        try:
            return _shrunk(content)
        finally:
            self._turn.release()


def _shrunk(content: Content) -> bytes:
    content.seek(0)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "localservices.media.shrink"],
            input=content.read(PICTURE_BYTES_MAX),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return b""
    made = child.stdout
    return made if child.returncode == 0 and len(made) <= PREVIEW_BYTES_MAX else b""
