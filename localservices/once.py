"""Ids of the forms that are sent: by these, one that is sent twice is written once."""

import hashlib
import re

ID_BYTES = 16


def read(typed: str) -> bytes | None:
    """The id that the form was given when it was shown; None: it is none."""
    return bytes.fromhex(typed) if re.fullmatch(rf"[0-9a-f]{{{2 * ID_BYTES}}}", typed) else None


def of_part(form: bytes, part: int) -> bytes:
    """The id of one of several records that one form may write."""
    return hashlib.sha256(form + part.to_bytes(4)).digest()[:ID_BYTES]
