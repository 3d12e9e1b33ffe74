"""Visible Digital Seals taken apart (ICAO Doc 9303 part 13); nothing of it believed yet.

A seal is bytes. As text it is ISO 8859-1, a character a byte, as readers of codes give what is no
UTF-8; or hex, or base64. Section numbers are those of part 13, 8th edition.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from localservices.verification.formats import c40, packing
from localservices.verification.verdict import DocumentError, Reason

MAGIC = 0xDC
TEXT_CHARS_MAX = 8 * 1024  # a 2D code holds less than 3 KB
_FIXED, _VARIABLE = 2, 3  # versions, by how long the certificate's reference is (section 2.2)
_FIXED_CHARS = 5
_SIGNATURE = 0xFF
_HEAD = re.compile(r"\xdc[\x02\x03]|(?i:dc0[23])|3A[I-P]")  # of the bytes, of hex, of base64


@dataclass(frozen=True, slots=True)
class Seal:
    """Days are Unix milliseconds of their beginning, UTC.

    Attributes:
        signer: country and name of the signer, two letters each.
        serial: of the signer's certificate; None: the reference is no number.
        kind: what the features mean, as its issuer or ICAO says, and the category.
        features: by tag.
        signed: what the signature covers.
        signature: r and s side by side.
    """

    signer: str
    serial: int | None
    issued_ms: int
    kind: bytes
    features: Mapping[int, bytes] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def is_one(text: str) -> bool:
    """Whether the text is meant as one."""
    return _HEAD.match(text.lstrip(" \r\n\t\ufeff")) is not None


def read(text: str) -> Seal:
    """Raises DocumentError."""
    data = _octets(text)
    try:
        header, at = _header(data)
        *features, (last, signature, end) = _features(data, at)
    except (IndexError, ValueError) as error:
        raise DocumentError(Reason.SEAL) from error
    told = {tag: value for tag, value, _ in features}
    if last != _SIGNATURE or _SIGNATURE in told or len(told) != len(features):
        raise DocumentError(Reason.SEAL)
    return Seal(*header, told, data[:end], signature)


def _octets(text: str) -> bytes:
    text = text.lstrip(" \r\n\t\ufeff")
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    try:
        found = text.encode("latin-1") if text.startswith(chr(MAGIC)) else packing.octets(text)
    except UnicodeEncodeError as error:
        raise DocumentError(Reason.SEAL) from error
    if not found or found[0] != MAGIC:
        raise DocumentError(Reason.SEAL)
    return found


def _header(data: bytes) -> tuple[tuple[str, int | None, int, bytes], int]:
    """Section 2.2: what stands before the features, and where these begin."""
    c40.decode(data[2:4])  # the issuing country; who signed, the signer's certificate says
    if data[1] == _FIXED:
        names, at = c40.decode(data[4:10]), 10
        reference = names[4 : 4 + _FIXED_CHARS]
    elif data[1] == _VARIABLE:
        names = c40.decode(data[4:8])
        chars = int(names[4:6], 16)
        at = 8 + (chars + 2) // 3 * 2
        reference = c40.decode(data[8:at])[:chars]
    else:
        raise ValueError("not a version that is known here")
    issued, _signed = _day(data[at : at + 3]), _day(data[at + 3 : at + 6])
    kind = data[at + 6 : at + 8]
    return (names[:4], _number(reference), issued, kind), at + 8


def _number(reference: str) -> int | None:
    try:
        return int(reference, 16)
    except ValueError:
        return None


def _day(data: bytes) -> int:
    """Month, day and year as the digits of a number in three bytes. Raises ValueError."""
    if len(data) != 3:
        raise ValueError("not a day")
    day = datetime.strptime(f"{int.from_bytes(data, 'big'):08}", "%m%d%Y").replace(tzinfo=UTC)
    return int(day.timestamp()) * 1000


def _features(data: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
    """Tag, value and beginning of each (section 2.3). Raises IndexError, ValueError."""
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length > 0x80:  # as DER writes it; a plain 0x80, which DER lacks, is in real seals
            count = length & 0x7F
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > len(data):
            raise ValueError("a feature longer than the seal")
        yield tag, data[start : start + length], at
        at = start + length
