"""Issuers' certificates as trust lists carry them: their key, their time, and what they may sign.

Real lists hold certificates that strict parsers refuse: extensions in BER, an empty extended key
usage. So the few fields that matter are read here, tag by tag (X.690), and nothing is built from
the rest. Whether a list may be believed is decided before, by who signed it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

KID_BYTES = 8  # of the certificate's SHA-256, as HCERT names it
CERTIFICATE_BYTES_MAX = 16 * 1024

_SEQUENCE, _INTEGER, _OID, _OCTETS, _UTC_TIME, _GENERAL_TIME = 0x30, 0x02, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_EXTENDED_KEY_USAGE = bytes.fromhex("551d25")  # 2.5.29.37


class CertificateError(Exception):
    """Not a certificate whose key can be used."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``usages`` are the extended key usages as encoded OIDs; none: any use.

    ``document_types``: what it may vouch for, as who trusts it says; None: whatever it signs.
    """

    der: bytes = field(repr=False)
    key: PublicKeyTypes = field(repr=False)
    not_before_ms: int
    not_after_ms: int
    usages: frozenset[bytes]
    document_types: frozenset[str] | None = None

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.der).digest()[:KID_BYTES]


def read(der: bytes) -> Certificate:
    """Raises CertificateError."""
    if len(der) > CERTIFICATE_BYTES_MAX:
        raise CertificateError("too long for a certificate")
    try:
        return _certificate(der)
    except (IndexError, StopIteration, ValueError, OverflowError, UnsupportedAlgorithm) as error:
        raise CertificateError("not a certificate whose key can be used") from error


def _certificate(der: bytes) -> Certificate:
    [(_, whole, _)] = _items(der)
    _, signed, _ = next(_items(whole))
    parts = list(_items(signed))
    if parts[0][0] == _VERSION:
        parts = parts[1:]
    # RFC 5280 section 4.1: serial, algorithm, issuer, validity, subject, public key, then more
    validity, public_key, rest = parts[3], parts[5], parts[6:]
    begin, end = (_time(tag, value) for tag, value, _ in _items(validity[1]))
    return Certificate(der, load_der_public_key(public_key[2]), begin, end, _usages(rest))


def _usages(parts: list[tuple[int, bytes, bytes]]) -> frozenset[bytes]:
    found: set[bytes] = set()
    for tag, content, _ in parts:
        if tag != _EXTENSIONS:
            continue
        for _, extension, _ in _items(next(_items(content))[1]):
            fields = list(_items(extension))
            if fields[0][1] == _EXTENDED_KEY_USAGE and fields[-1][0] == _OCTETS:
                for _, purposes, _ in _items(fields[-1][1]):  # some issuers leave it empty
                    found |= {oid for kind, oid, _ in _items(purposes) if kind == _OID}
    return frozenset(found)


def _items(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give (tag, content, whole) of each item that stands in ``data``."""
    at = 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length of no known form")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > len(data):
            raise ValueError("an item longer than what holds it")
        yield tag, data[start : start + length], data[at : start + length]
        at = start + length


def _time(tag: int, value: bytes) -> int:
    """Unix milliseconds; years of two digits as RFC 5280 section 4.1.2.5.1 says."""
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    elif tag != _GENERAL_TIME:
        raise ValueError("not a time")
    moment = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000
