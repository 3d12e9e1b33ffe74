"""Documents in QR codes: base 45 around zlib (RFC 1950), opened no further than is sensible."""

import binascii
import re
import zlib

from localservices.verification.verdict import DocumentError, Reason
from sync.wire import base45
from sync.wire.errors import MalformedError

TEXT_CHARS_MAX = 16 * 1024  # the largest QR code holds 4,296 characters
BODY_BYTES_MAX = 64 * 1024  # inflated; real ones are under 4 KB

_HEX = re.compile(r"([0-9a-fA-F]{2})+", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)
_PASTED = dict.fromkeys(map(ord, "\r\n\t\ufeff"))


def cleaned(text: str) -> str:
    """Without line breaks, which come from pasting, anywhere; and without spaces before.

    Spaces at the end may count.
    """
    text = text[: TEXT_CHARS_MAX + 1]
    return (text if text.isprintable() else text.translate(_PASTED)).lstrip(" ")


def octets(text: str) -> bytes | None:
    """Of hex or base64, either alphabet, with spaces and line breaks anywhere; None: neither."""
    text = "".join(text.split()).lstrip("\ufeff")
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if not _BASE64.fullmatch(text):
        return None
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return None


def unpacked(text: str, prefix: str) -> bytes:
    """Raises DocumentError."""
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    text = cleaned(text)
    if not text.startswith(prefix):
        raise DocumentError(Reason.PREFIX)
    try:
        data = base45.decode(text[len(prefix) :])
    except MalformedError as error:
        raise DocumentError(Reason.BASE45) from error
    return inflated(data)


def inflated(data: bytes) -> bytes:
    """At most ``BODY_BYTES_MAX``. Raises DocumentError."""
    stream = zlib.decompressobj()
    try:
        body = stream.decompress(data, BODY_BYTES_MAX)
    except zlib.error as error:
        raise DocumentError(Reason.COMPRESSION) from error
    if not stream.eof:
        is_full = len(body) == BODY_BYTES_MAX
        raise DocumentError(Reason.TOO_LONG if is_full else Reason.COMPRESSION)
    if stream.unused_data:
        raise DocumentError(Reason.COMPRESSION)
    return body
