"""A hazard report in at most 200 bytes: for a mesh radio, or for two SMS as text.

Version, whose it is (4 bytes of a hash), the report sealed to central, a signature. Sealed by HPKE
(RFC 9180, DHKEM X25519) to the X25519 half of central's key alone: the post-quantum half would take
1,088 bytes. What comes twice, or beside the full record, has the same ref: once in effect.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature

from sync.wire import cbor
from sync.wire.errors import MalformedError, SignatureError, VersionError
from sync.wire.hazard_codes import REF_BYTES
from sync.wire.kinds.hazard import Device, HazardReported, is_sound
from sync.wire.seal import OpeningRing, SealingKey
from sync.wire.sign import SigningKey, VerifyingKey

VERSION = 1
SHORT_BYTES_MAX = 200
TEXT_CHARS_MAX = 1_000  # with the line breaks of whoever passes it on
PREFIX = "NZL"  # so that a person sees what the letters are
_SIGNATURE_BYTES = 64
_TAG_BYTES = 4
_HEADER_BYTES = 1 + _TAG_BYTES
_CONTEXT = b"nezlam/short/1 "
_SECOND_MAX = (1 << 32) - 1

# Those whose node id has this tag, each with the key that central believes.
Signers = Callable[[bytes], Iterable[tuple[str, VerifyingKey]]]


@dataclass(frozen=True, slots=True)
class Short:
    """A report, when its node wrote it (Unix seconds by its own clock), and its ref."""

    ref: bytes
    written_s: int
    report: HazardReported


def tag_of(node_id: str) -> bytes:
    """By this central finds whose a report may be; the signature decides."""
    return hashlib.sha256(node_id.encode()).digest()[:_TAG_BYTES]


def encode(node_id: str, short: Short, central: SealingKey, key: SigningKey) -> bytes:
    """At most SHORT_BYTES_MAX for every sound report."""
    header = bytes([VERSION]) + tag_of(node_id)
    sealed = header + central.seal_classical(_body(short), _CONTEXT + header)
    return sealed + key.sign(_CONTEXT + sealed)


def decode(data: bytes, opening: OpeningRing, signers: Signers) -> tuple[str, Short]:
    """Whose it is, and what it says.

    Raises:
        MalformedError, VersionError, SealError: not a short report that this release can read.
        SignatureError: none of the nodes that central believes signed it.
    """
    if not _HEADER_BYTES + _SIGNATURE_BYTES < len(data) <= SHORT_BYTES_MAX:
        raise MalformedError("not a short report")
    if data[0] != VERSION:
        raise VersionError(f"a short report of version {data[0]}")
    sealed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    node_id = _signer(signers(data[1:_HEADER_BYTES]), signature, _CONTEXT + sealed)
    body = opening.open_classical(sealed[_HEADER_BYTES:], _CONTEXT + sealed[:_HEADER_BYTES])
    return node_id, _read(cbor.decode(body, SHORT_BYTES_MAX))


def text(data: bytes) -> str:
    """For an SMS: only characters of its basic alphabet (3GPP TS 23.038)."""
    return PREFIX + base64.b64encode(data).decode().rstrip("=")


def from_text(said: str) -> bytes:
    """What ``text`` gave, wherever a line was broken meanwhile. Raises MalformedError."""
    plain = "".join(said[:TEXT_CHARS_MAX].split())
    if not plain.startswith(PREFIX):
        raise MalformedError(f"a short report begins with {PREFIX}")
    plain = plain[len(PREFIX) :]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not a whole short report") from error


def _signer(found: Iterable[tuple[str, VerifyingKey]], signature: bytes, data: bytes) -> str:
    for node_id, key in found:
        try:
            key.verify(signature, data)
        except InvalidSignature:
            continue
        return node_id
    raise SignatureError("no node of the fleet signed it")


def _body(short: Short) -> bytes:
    one = short.report
    assert is_sound(one), "only sound reports are written"
    point = [one.lat_e5, one.lon_e5, one.accuracy_m]
    said = [one.people_near, one.marked, one.landmark, one.near_to]
    device = list(Device).index(Device(one.device))
    return cbor.encode([short.ref, min(short.written_s, _SECOND_MAX), device, *point, *said])


def _read(parts: Any) -> Short:
    match parts:
        case [
            bytes(ref),
            int(written_s),
            int(device),
            int() | None as lat_e5,
            int() | None as lon_e5,
            int() | None as accuracy_m,
            int() | None as people_near,
            bool() | None as marked,
            str(landmark),
            bytes(near_to),
        ] if len(ref) == REF_BYTES and 0 <= device < len(Device) and written_s >= 0:
            point = (lat_e5, lon_e5, accuracy_m)
            report = HazardReported(
                list(Device)[device].value, *point, landmark, people_near, marked, near_to
            )
            if is_sound(report):
                return Short(ref, written_s, report)
    raise MalformedError("not a report of a hazard")
