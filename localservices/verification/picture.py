"""Codes (QR, Aztec, DataMatrix, PDF417) out of pictures, in a child that has little of all."""

import json
import subprocess
import sys

from localservices.verification.reader import MISSING, TOO_LARGE

PICTURE_BYTES_MAX = 12 * 1024 * 1024  # a photo by a good telephone
TIMEOUT_S = 15.0
NO_READER = "picture_unread"  # the extra that reads pictures is not installed
_DOCUMENTS = ("HC1:", "NZ1:", "\xdc")  # a photo may show a parcel's code beside them
NO_ROOM = "picture_waits"  # other pictures take the room


class PictureError(Exception):
    """No text was found. ``code`` is a key of the messages."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(data: bytes) -> str:
    """Give the text of the picture's code; of several, that of a document, else the first.

    A code whose bytes are no UTF-8 gives a character a byte (ISO 8859-1).

    Raises:
        PictureError: too large, no picture, no code in it, no reader installed, or no room now.
    """
    if len(data) > PICTURE_BYTES_MAX:
        raise PictureError("picture_too_large")
    try:
        child = subprocess.run(
            [sys.executable, "-m", "localservices.verification.reader"],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PictureError("picture_too_large") from error
    except OSError as error:  # no memory, or no room for one more process
        raise PictureError(NO_ROOM) from error
    if child.returncode == MISSING:
        raise PictureError(NO_READER)
    if child.returncode == TOO_LARGE:
        raise PictureError("picture_too_large")
    if child.returncode != 0:
        raise PictureError("picture_spoiled")
    texts: list[str] = json.loads(child.stdout)
    if not texts:
        raise PictureError("picture_without_code")
    return next((text for text in texts if text.startswith(_DOCUMENTS)), texts[0])
