"""What was read from a passport's chip, taken apart (ICAO Doc 9303 part 10); nothing believed yet.

As text it is JSON with the files of the chip in base64 or hex, ``{"sod": "...", "dg1": "...",
"dg2": "..."}``, or the document security object (EF.SOD) alone in base64 or hex.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from asn1crypto import algos

from localservices.verification import cms, strict_json
from localservices.verification.asn1 import items
from localservices.verification.cms import CmsError, Message
from localservices.verification.formats import packing
from localservices.verification.verdict import DocumentError, Reason

TEXT_CHARS_MAX = 1024 * 1024  # a portrait has some 30 KB
GROUPS_MAX = 16
SOD_BYTES_MAX = 64 * 1024  # real ones have some 2 KB
_KIND = "2.23.136.1.1.1"  # LDSSecurityObject
_SOD, _DG1, _ZONE = 0x77, 0x61, b"\x5f\x1f"  # tags (sections 4.6.1 and 4.7.1)
_GROUP = re.compile(r"dg([1-9]|1[0-6])", re.ASCII)
_HEAD = re.compile(r"77[0-9a-fA-F]{2}|3082|d[4w]|MI", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chip:
    """``groups``: by number, those that were handed over. ``hashes``: of all, as was signed."""

    message: Message
    hashed: str
    hashes: Mapping[int, bytes] = field(repr=False)
    groups: Mapping[int, bytes] = field(repr=False)


def is_one(text: str) -> bool:
    """Whether the text is meant as one."""
    head = text[:200].lstrip("\ufeff \r\n\t")
    if head.startswith("{"):
        return '"sod"' in text
    found = packing.octets(text) if _HEAD.match(head) and len(text) <= TEXT_CHARS_MAX else None
    return found is not None and found[:1] in (b"\x77", b"\x30") and cms.SIGNED_DATA in found[:32]


def read(text: str) -> Chip:
    """Raises DocumentError."""
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    files = _files(text)
    try:
        message = cms.read(_bare(files["sod"]))
        hashed, hashes = _hashes(message.content)
    except (CmsError, ValueError, IndexError, KeyError, TypeError) as error:
        raise DocumentError(Reason.CMS) from error
    if message.kind != _KIND:
        raise DocumentError(Reason.CMS)
    groups = {int(name[2:]): data for name, data in files.items() if _GROUP.fullmatch(name)}
    return Chip(message, hashed, hashes, groups)


def zone_of(group: bytes) -> str:
    """The machine-readable zone in data group 1 (section 4.7.1). Raises DocumentError."""
    try:
        [(tag, content, _)] = items(group)
        if tag != _DG1 or not content.startswith(_ZONE):
            raise DocumentError(Reason.SCHEMA, field="DG1")
        [(_, zone, _)] = items(content[1:])  # the second byte of its tag stands for a tag
        return zone.decode("ascii")
    except (ValueError, IndexError) as error:
        raise DocumentError(Reason.SCHEMA, field="DG1") from error


def _files(text: str) -> dict[str, bytes]:
    text = text.lstrip("\ufeff \r\n\t")
    told: object = {"sod": text}
    if text.startswith("{"):
        try:
            told = strict_json.loads(text.encode())
        except ValueError as error:
            raise DocumentError(Reason.JSON) from error
    if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
        raise DocumentError(Reason.JSON)
    files = {name: packing.octets(one) for name, one in told.items()}
    found = {name: data for name, data in files.items() if data is not None}
    if "sod" not in found or len(found) != len(files):
        raise DocumentError(Reason.JSON)
    return found


def _bare(sod: bytes) -> bytes:
    """The message in the file. Raises ValueError, IndexError."""
    if len(sod) > SOD_BYTES_MAX:
        raise ValueError("too long for a security object")
    [(tag, content, _)] = items(sod)
    return content if tag == _SOD else sod


def _hashes(content: bytes) -> tuple[str, dict[int, bytes]]:
    """Of an LDSSecurityObject (section 4.6.2.3). Raises ValueError, IndexError, TypeError."""
    [(_, whole, _)] = items(content)
    _version, (_, _, algorithm), (_, entries, _), *_edition = items(whole)
    found: dict[int, bytes] = {}
    for _, entry, _ in items(entries):
        (_, number, _), (_, digest, _) = items(entry)
        found[int.from_bytes(number, "big")] = digest
    if len(found) > GROUPS_MAX:
        raise ValueError("more groups than there are")
    return algos.DigestAlgorithm.load(algorithm)["algorithm"].native, found
