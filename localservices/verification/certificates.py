"""Issuers' certificates as trust lists carry them: their key, their time, and what they may sign.

Real lists hold certificates that strict parsers refuse: extensions in BER, an empty extended key
usage. So the few fields that matter are read here, tag by tag (X.690), and nothing is built from
the rest. Whether a list may be believed is decided before, by who signed it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import public_keys
from localservices.verification.asn1 import items

Name = tuple[tuple[bytes, str], ...]  # (encoded OID, value), as RFC 5280 section 7.1 compares them

KID_BYTES = 8  # of the certificate's SHA-256, as HCERT names it
CERTIFICATE_BYTES_MAX = 16 * 1024

_BOOLEAN, _OID, _OCTETS, _UTC_TIME, _GENERAL_TIME = 0x01, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_EXTENDED_KEY_USAGE = bytes.fromhex("551d25")  # 2.5.29.37
_BASIC_CONSTRAINTS = bytes.fromhex("551d13")  # 2.5.29.19
COUNTRY, COMMON_NAME = bytes.fromhex("550406"), bytes.fromhex("550403")  # 2.5.4.6, 2.5.4.3
_WIDE = {0x1C: "utf-32-be", 0x1E: "utf-16-be"}  # UniversalString, BMPString


class CertificateError(Exception):
    """Not a certificate whose key can be used."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """An issuer's key, and what is said of it.

    Attributes:
        usages: the extended key usages as encoded OIDs; none: any use.
        is_authority: it may vouch for other certificates.
        document_types: what it may vouch for, as who trusts it says; None: whatever it signs.
    """

    der: bytes = field(repr=False)
    key: PublicKeyTypes = field(repr=False)
    not_before_ms: int
    not_after_ms: int
    usages: frozenset[bytes]
    serial: int
    subject: Name
    issuer: Name
    is_authority: bool
    document_types: frozenset[str] | None = None

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.der).digest()[:KID_BYTES]


def country(of: Certificate) -> str | None:
    """Its subject's, two letters; None: it has none."""
    return dict(of.subject).get(COUNTRY, "").upper()[:2] or None


def read(der: bytes) -> Certificate:
    """Raises CertificateError."""
    if len(der) > CERTIFICATE_BYTES_MAX:
        raise CertificateError("too long for a certificate")
    try:
        return _certificate(der)
    except (IndexError, StopIteration, ValueError, OverflowError, UnsupportedAlgorithm) as error:
        raise CertificateError("not a certificate whose key can be used") from error


def _certificate(der: bytes) -> Certificate:
    [(_, whole, _)] = items(der)
    _, signed, _ = next(items(whole))
    parts = list(items(signed))
    if parts[0][0] == _VERSION:
        parts = parts[1:]
    # RFC 5280 section 4.1: serial, algorithm, issuer, validity, subject, public key, then more
    begin, end = (_time(tag, value) for tag, value, _ in items(parts[3][1]))
    extensions = _extensions(parts[6:])
    return Certificate(
        der,
        public_keys.read(parts[5][2]),
        begin,
        end,
        _usages(extensions.get(_EXTENDED_KEY_USAGE, b"")),
        serial=int.from_bytes(parts[0][1], "big"),
        subject=_name(parts[4][1]),
        issuer=_name(parts[2][1]),
        is_authority=_is_authority(extensions.get(_BASIC_CONSTRAINTS, b"")),
    )


def _extensions(parts: list[tuple[int, bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for tag, content, _ in parts:
        if tag != _EXTENSIONS:
            continue
        for _, extension, _ in items(next(items(content))[1]):
            fields = list(items(extension))
            if fields[-1][0] == _OCTETS:
                found[fields[0][1]] = fields[-1][1]
    return found


def _usages(extension: bytes) -> frozenset[bytes]:
    return frozenset(  # some issuers leave it empty
        oid
        for _, purposes, _ in items(extension)
        for kind, oid, _ in items(purposes)
        if kind == _OID
    )


def _is_authority(extension: bytes) -> bool:
    """RFC 5280 section 4.2.1.9."""
    return any(
        tag == _BOOLEAN and any(value)
        for _, content, _ in items(extension)
        for tag, value, _ in items(content)
    )


def _name(content: bytes) -> Name:
    """One issuer writes its name in several string types, and not always in the same case."""
    found = []
    for _, attributes, _ in items(content):
        for _, attribute, _ in items(attributes):
            (_, kind, _), (tag, value, _) = items(attribute)
            text = value.decode(_WIDE.get(tag, "utf-8"), "replace")
            found.append((kind, " ".join(text.casefold().split())))
    return tuple(found)


def _time(tag: int, value: bytes) -> int:
    """Unix milliseconds; years of two digits as RFC 5280 section 4.1.2.5.1 says."""
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    elif tag != _GENERAL_TIME:
        raise ValueError("not a time")
    moment = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000
