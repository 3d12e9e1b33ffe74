"""Issuers' certificates as trust lists carry them: their key, their time, and what they may sign.

Real lists hold certificates that strict parsers refuse: extensions in BER, an empty extended key
usage. So the few fields that matter are read here, tag by tag (X.690), and nothing is built from
the rest. Whether a list may be believed is decided before, by who signed it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import public_keys
from localservices.verification.asn1 import items

Name = tuple[tuple[bytes, str], ...]  # (encoded OID, value), as RFC 5280 section 7.1 compares them

Mark = tuple[Name, int]

KID_BYTES = 8  # of the certificate's SHA-256, as HCERT names it
CERTIFICATE_BYTES_MAX = 16 * 1024
_REMEMBERED = 256

_BOOLEAN, _OID, _OCTETS, _UTC_TIME, _GENERAL_TIME = 0x01, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
# 2.5.29.n (RFC 5280 section 4.2.1)
_KEY_USAGE, _NAMES, _CONSTRAINTS, _NAME_CONSTRAINTS, _EXTENDED_KEY_USAGE = (
    bytes.fromhex(oid) for oid in ("551d0f", "551d11", "551d13", "551d1e", "551d25")
)
_DIGITAL_SIGNATURE, _CERTIFICATE_SIGNING, _ANY_USE = 0x80, 0x04, 0xFF  # bits 0, 5, all
_NOBODY = -1  # may an authority vouch for
_DNS_NAME, _URI = 0x82, 0x86  # choices 2 and 6 of a general name
COUNTRY, COMMON_NAME = bytes.fromhex("550406"), bytes.fromhex("550403")  # 2.5.4.6, 2.5.4.3
_WIDE = {0x1C: "utf-32-be", 0x1E: "utf-16-be"}  # UniversalString, BMPString


class CertificateError(Exception):
    """Not a certificate whose key can be used."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """An issuer's key, and what is said of it.

    Attributes:
        usages: the extended key usages as encoded OIDs; none: any use.
        uses: the key usage's first eight bits (RFC 5280 section 4.2.1.3); without one any use.
        below: how many authorities may stand below it (4.2.1.9); None: it is no authority.
        names: of its subject: URIs, and DNS names as URIs of the scheme dns (RFC 4501).
        document_types: what it may vouch for, as who trusts it says; None: whatever it signs.
        is_revoked: who trusts it, or its authority, has taken that back.
    """

    der: bytes = field(repr=False)
    key: PublicKeyTypes = field(repr=False)
    not_before_ms: int
    not_after_ms: int
    usages: frozenset[bytes]
    serial: int
    subject: Name
    issuer: Name
    document_types: frozenset[str] | None = None
    is_revoked: bool = False
    uses: int = _ANY_USE
    below: int | None = None
    names: frozenset[str] = frozenset()

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.der).digest()[:KID_BYTES]

    @property
    def mark(self) -> Mark:
        """What names it for ever (RFC 5280 section 4.1.2.2)."""
        return self.issuer, self.serial

    @property
    def may_sign(self) -> bool:
        """Whether its key usage lets it sign documents."""
        return bool(self.uses & _DIGITAL_SIGNATURE)

    @property
    def is_authority(self) -> bool:
        return self.below is not None

    def may_certify(self, below: int) -> bool:
        """Whether it may vouch for one that has so many authorities below it."""
        if self.below is None or self.below < below:
            return False
        return bool(self.uses & _CERTIFICATE_SIGNING)

    def is_in_force(self, at_ms: int) -> bool:
        return self.not_before_ms <= at_ms <= self.not_after_ms


def country(of: Certificate) -> str | None:
    """Its subject's, two letters; None: it has none."""
    return dict(of.subject).get(COUNTRY, "").upper()[:2] or None


@lru_cache(_REMEMBERED)
def read(der: bytes) -> Certificate:
    """Raises CertificateError. One that was read lately is remembered: signers sign a lot."""
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
        uses=_uses(extensions.get(_KEY_USAGE)),
        below=_below(extensions),
        names=_names(extensions.get(_NAMES)),
    )


def _extensions(parts: list[tuple[int, bytes, bytes]]) -> dict[bytes, bytes]:
    """The content of each, by its encoded OID. Raises ValueError: one stands twice."""
    found: dict[bytes, bytes] = {}
    for tag, content, _ in parts:
        if tag != _EXTENSIONS:
            continue
        for _, extension, _ in items(next(items(content))[1]):
            fields = list(items(extension))
            if fields[0][1] in found:
                raise ValueError("an extension that stands twice")
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


def _uses(extension: bytes | None) -> int:
    if extension is None:
        return _ANY_USE
    try:
        [(_, bits, _)] = items(extension)
        return bits[1]  # the first octet counts the bits that are not used
    except (ValueError, IndexError):
        return 0


def _below(extensions: Mapping[bytes, bytes]) -> int | None:
    """One that is limited to some names is none of ours, for nobody here reads which."""
    try:
        [(_, told, _)] = items(extensions[_CONSTRAINTS])
        [(tag, is_one, _), *limits] = items(told)
    except (KeyError, ValueError, IndexError):
        return None
    if tag != _BOOLEAN or not any(is_one):
        return None
    if _NAME_CONSTRAINTS in extensions:
        return _NOBODY
    return int.from_bytes(limits[0][1], "big") if limits else CERTIFICATE_BYTES_MAX


def _names(extension: bytes | None) -> frozenset[str]:
    found: set[str] = set()
    try:
        [(_, names, _)] = items(extension or b"\x30\x00")
        for tag, name, _ in items(names):
            if tag == _DNS_NAME:
                found.add("dns:" + name.decode("ascii").lower())
            elif tag == _URI:
                found.add(name.decode("ascii"))
    except (ValueError, IndexError):
        return frozenset()
    return frozenset(found)


def name_of(der: bytes) -> Name:
    """An issuer's name, encoded. Raises ValueError, IndexError."""
    [(_, content, _)] = items(der)
    return _name(content)


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
