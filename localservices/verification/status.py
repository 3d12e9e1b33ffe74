"""Status lists: one or more bits for each document that an issuer ever gave out.

IETF Token Status List (draft-ietf-oauth-status-list, JWT and CWT) and W3C Bitstring Status List
1.0 with its forerunners. A list is read here; ``statuses`` says whose it is, and ``standing``
whose it has to be.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Protocol

from localservices.verification import jwk, moments
from localservices.verification.formats import cose, jose
from localservices.verification.formats.cose import Signed
from localservices.verification.formats.jose import Jws
from localservices.verification.verdict import DocumentError, Reason

LIST_BYTES_MAX = 32 * 1024 * 1024  # 256 million documents at one bit
_TOKEN_BITS = (1, 2, 4, 8)
_SUBJECT, _EXPIRES, _ISSUED, _STATUS_LIST = 2, 4, 6, 65533  # claims of a CWT
_BITSTRINGS = {"BitstringStatusList", "StatusList2021", "RevocationList2020"}
_ZLIB, _EITHER = 15, 47  # window bits of zlib: RFC 1950 alone, or gzip (RFC 1952) as well
_URL = str.maketrans("+/", "-_")  # the forerunners of the bitstring used base64's other alphabet


class Status(IntEnum):
    """Token Status List, section 7.1; others are for applications to say."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class Statuses(Protocol):
    """What tells of many documents, by their places. Unix milliseconds; None: it does not say.

    ``by``: of whose documents it may tell; None: of all, for central says so.
    """

    @property
    def made_at_ms(self) -> int | None: ...

    @property
    def not_after_ms(self) -> int | None: ...

    @property
    def by(self) -> frozenset[bytes] | None: ...

    def of(self, index: int) -> int:
        """The status at a place. Raises DocumentError: there is no such place."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The places that are revoked, as central says; all others stand."""

    places: frozenset[int] = field(repr=False)
    made_at_ms: int | None = None
    not_after_ms: int | None = None
    by: None = None

    def of(self, index: int) -> int:
        """Raises DocumentError: no place at all."""
        if index < 0:
            raise DocumentError(Reason.STATUS_INDEX)
        return Status.INVALID if index in self.places else Status.VALID


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that is read.

    Attributes:
        name: what documents call it; None: it does not say.
        bits: of one status.
        first_is_low: whether the first status stands in a byte's lowest bits.
        purpose: of a bitstring: revocation, suspension or another; None: a token list.
        made_at_ms, not_after_ms: Unix milliseconds; None: it does not say.
        by: whose it is, as ``issuers.Signer.marks`` says; nobody's, until that is known.
    """

    name: str | None
    bits: int
    data: bytes = field(repr=False)
    first_is_low: bool
    purpose: str | None = None
    made_at_ms: int | None = None
    not_after_ms: int | None = None
    by: frozenset[bytes] | None = frozenset()

    def sized(self, bits: object) -> "StatusList":
        """As a document reads a bitstring whose statuses it says to have so many bits.

        Raises DocumentError: no such size.
        """
        if type(bits) is not int or bits not in _TOKEN_BITS:
            raise DocumentError(Reason.SCHEMA, field="statusSize")
        return replace(self, bits=bits)

    def of(self, index: int) -> int:
        """The status at a place. Raises DocumentError: the list has no such place."""
        each = 8 // self.bits
        if not 0 <= index < len(self.data) * each:
            raise DocumentError(Reason.STATUS_INDEX)
        byte, place = self.data[index // each], index % each
        shift = self.bits * (place if self.first_is_low else each - 1 - place)
        return byte >> shift & (1 << self.bits) - 1


def of_jwt(jws: Jws) -> StatusList:
    """A list in a JWT: a token's, or a bitstring in a credential. Raises DocumentError."""
    claims = jws.claims()
    if jws.typ == "statuslist+jwt" or "status_list" in claims:
        told = _mapping(claims.get("status_list"))
        return _token(
            claims.get("sub"),
            told.get("bits"),
            _unpacked(_text(told.get("lst")), _ZLIB),
            (claims.get("iat"), claims.get("exp")),
        )
    credential = _mapping(claims.get("vc", claims))
    subject = _mapping(credential.get("credentialSubject"))
    if subject.get("type") not in _BITSTRINGS:
        raise DocumentError(Reason.STATUS_LIST)
    name, purpose = credential.get("id"), subject.get("statusPurpose", "revocation")
    if not isinstance(purpose, str):
        raise DocumentError(Reason.STATUS_LIST)
    data = _unpacked(_text(subject.get("encodedList")).removeprefix("u"), _EITHER)
    begin_ms, end_ms = moments.of_credential(claims, credential)
    made_ms = moments.of_number(claims["iat"]) if "iat" in claims else begin_ms
    known = name if isinstance(name, str) else None
    return StatusList(known, 1, data, False, purpose, made_ms, end_ms)


def of_cwt(signed: Signed) -> StatusList:
    """Raises DocumentError."""
    claims = cose.load(signed.payload)
    told = _mapping(_mapping(claims).get(_STATUS_LIST))
    data = told.get("lst")
    if not isinstance(data, bytes):
        raise DocumentError(Reason.STATUS_LIST)
    times = (claims.get(_ISSUED), claims.get(_EXPIRES))
    return _token(claims.get(_SUBJECT), told.get("bits"), _inflated(data, _ZLIB), times)


def read(data: bytes) -> tuple[StatusList, Jws | Signed]:
    """A file of either kind, and what its signature is tried with. Raises DocumentError."""
    if data[:1] == b"e":  # a JOSE header: {" in base64url
        jws = jose.read(data.decode("ascii", "replace").strip())
        return of_jwt(jws), jws
    signed = cose.read(data)
    return of_cwt(signed), signed


def _token(name: object, bits: object, data: bytes, times: tuple[Any, Any]) -> StatusList:
    if not isinstance(name, str) or type(bits) is not int or bits not in _TOKEN_BITS:
        raise DocumentError(Reason.STATUS_LIST)
    made_ms, end_ms = map(moments.of_number, times)
    return StatusList(name, bits, data, True, None, made_ms, end_ms)


def _unpacked(text: str, window: int) -> bytes:
    try:
        return _inflated(jwk.octets(text.rstrip("=").translate(_URL)), window)
    except ValueError as error:
        raise DocumentError(Reason.STATUS_LIST) from error


def _inflated(data: bytes, window: int) -> bytes:
    """At most ``LIST_BYTES_MAX``: what would become more is not opened further."""
    stream = zlib.decompressobj(window)
    try:
        found = stream.decompress(data, LIST_BYTES_MAX)
    except zlib.error as error:
        raise DocumentError(Reason.STATUS_LIST) from error
    if not stream.eof:
        raise DocumentError(Reason.STATUS_LIST)
    return found


def _mapping(found: object) -> Mapping[Any, Any]:
    if not isinstance(found, Mapping):
        raise DocumentError(Reason.STATUS_LIST)
    return found


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise DocumentError(Reason.STATUS_LIST)
    return found
