"""Makes an eDocument: a person's data near MOSIP's Claim 169, signed by a node, as QR text.

A receipt is one too: it tells of an application instead of a person.
"""

import zlib
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.wire import base45
from sync.wire.errors import MalformedError

PREFIX = "NZ1:"
DELEGATION = -70169  # of the protected header; in the range for private use (RFC 9052 section 11.1)
# Of the CWT, and of the person's attributes (Claim 169, version 1.0).
ISSUER, EXPIRES, NOT_BEFORE, ISSUED, STATUS, PERSON = 1, 4, 5, 6, 65535, 169
SEEN = -70170  # of the CWT, for private use (RFC 8392 section 9.1): what the issuer saw
RECEIPT = -70171  # of the CWT, for private use: a map with what follows
ASKED, NUMBER, RECORD, SINCE, TITLE = 1, 2, 3, 4, 5
ID, FULL_NAME, FIRST, MIDDLE, LAST, BIRTH, GENDER = 1, 4, 5, 6, 7, 8, 9
NATIONALITY, LEGAL_STATUS, COUNTRY, FACE = 13, 22, 23, 62
CODE_CHARS_MAX = 1_181  # alphanumeric, QR version 22 at error correction M (ISO/IEC 18004)
_EDDSA = -8
_RECEIPT_S = 10 * 365 * 24 * 3600
_UNPACKED_MAX = 16 * 1024  # bytes of a document's CBOR
_SEXES = {"m": 1, "f": 2}
_WEBP = 4  # of Claim 169's picture formats


@dataclass(frozen=True, slots=True)
class Mandate:
    """By what this node issues: its own key and the authority's word for it."""

    key: Ed25519PrivateKey = field(repr=False)
    delegation: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Of whom the document tells. Days are ISO 8601; empty texts and None say nothing.

    Attributes:
        number: by which the document is found again.
        face: a WebP picture; what is small enough for a QR code is hardly one.
        seen: the document by which the issuer knows the person; empty: all was only said.
    """

    number: str
    name: str
    born_on: str = ""
    sex: str = ""
    nationality: str = ""
    legal_status: str = ""
    face: bytes | None = field(default=None, repr=False)
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Unix seconds. ``status``: the list that tells of it and its place there; None: no list."""

    issued_s: int
    until_s: int
    status: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """An application, as whoever filed it can prove it. Times are Unix seconds.

    Attributes:
        service: the manifest's id. ``title``: what it is called.
        number: the application's, which is its record's public id.
        record_sha256: of the record's body as deterministic CBOR.
        since_s: it was certainly not filed before; None: unknown.
        until_s: when it was filed by the node's clock.
    """

    service: str
    title: str
    number: str
    record_sha256: bytes
    since_s: int | None
    until_s: int


def issue(person: Person, term: Term, mandate: Mandate) -> str:
    """Give the text for the QR code; at most ``CODE_CHARS_MAX`` without a face, mostly."""
    cwt: dict[int, object] = {
        EXPIRES: term.until_s,
        ISSUED: term.issued_s,
        PERSON: _attributes(person),
        SEEN: person.seen,
    }
    if term.status is not None:
        uri, index = term.status
        cwt[STATUS] = {"status_list": {"idx": index, "uri": uri}}
    return _signed(cwt, mandate)


def receipt(filing: Filing, mandate: Mandate) -> str:
    """Give the text for the QR code. It is good for ten years: no office answers later."""
    said = {
        ASKED: filing.service,
        NUMBER: filing.number,
        RECORD: filing.record_sha256,
        SINCE: filing.since_s,
        TITLE: filing.title,
    }
    cwt: dict[int, object] = {
        EXPIRES: filing.until_s + _RECEIPT_S,
        ISSUED: filing.until_s,
        RECEIPT: {label: value for label, value in said.items() if value is not None},
    }
    return _signed(cwt, mandate)


def _signed(cwt: dict[int, object], mandate: Mandate) -> str:
    protected = cbor2.dumps({1: _EDDSA, DELEGATION: mandate.delegation}, canonical=True)
    payload = cbor2.dumps(cwt, canonical=True)
    signed = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    message = cbor2.CBORTag(18, [protected, {}, payload, mandate.key.sign(signed)])
    return PREFIX + base45.encode(zlib.compress(cbor2.dumps(message, canonical=True), 9))


def number_of(text: str) -> str:
    """By which an eDocument is found again; it is not judged. Raises MalformedError."""
    try:
        packed = base45.decode(text[len(PREFIX) :])
        message = cbor2.loads(zlib.decompressobj().decompress(packed, _UNPACKED_MAX))
        number = cbor2.loads(message.value[2])[PERSON][ID]
    except (
        cbor2.CBORError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        zlib.error,
    ) as error:
        raise MalformedError("not an eDocument") from error
    if not isinstance(number, str):
        raise MalformedError("an eDocument without a number")
    return number


def _attributes(person: Person) -> dict[int, object]:
    found: dict[int, object] = {
        ID: person.number,
        FULL_NAME: person.name,
        BIRTH: person.born_on.replace("-", ""),
        GENDER: _SEXES.get(person.sex),
        NATIONALITY: person.nationality,
        LEGAL_STATUS: person.legal_status,
        FACE: [{0: person.face, 1: 0, 2: _WEBP}] if person.face else None,
    }
    return {label: value for label, value in found.items() if value}
