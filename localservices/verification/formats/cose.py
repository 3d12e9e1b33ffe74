"""COSE_Sign1 (RFC 9052 section 4.2) of documents that others issued: read, and tried with a key."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, NoReturn

import cbor2
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification.signatures import Algorithm, verifies
from localservices.verification.verdict import DocumentError, Reason

DEPTH_MAX = 16
_ALGORITHM, _KID, _CHAIN = 1, 4, 33  # 33: x5chain (RFC 9360)

# RFC 9053 sections 2.1 and 2.2, RFC 8230: ES... does not bind the curve, only the hash.
_ALGORITHMS = {
    -7: Algorithm.ES256,
    -35: Algorithm.ES384,
    -36: Algorithm.ES512,
    -37: Algorithm.PS256,
    -38: Algorithm.PS384,
    -39: Algorithm.PS512,
    -8: Algorithm.EDDSA,
}

# Tags that may stand around a message (18: COSE_Sign1, 61: CWT, 55799: "this is CBOR"), or mark
# a time or a day (RFC 8943) inside. Others may build cycles or compile patterns.
_HARMLESS = frozenset({0, 1, 18, 61, 1004, 55799})


def _keep(value: Any, _immutable: bool) -> Any:
    return value


def _refuse(_value: Any, _immutable: bool) -> NoReturn:
    raise DocumentError(Reason.CBOR)


@dataclass(frozen=True, slots=True)
class Embedded:
    """CBOR within CBOR (RFC 8949 section 3.4.5.1), not opened yet."""

    data: bytes

    @property
    def encoded(self) -> bytes:
        """With its tag, as digests cover it."""
        return _EMBEDDED_HEAD + cbor2.dumps(self.data)


def _embed(value: Any, _immutable: bool) -> Embedded:
    if not isinstance(value, bytes):
        raise DocumentError(Reason.CBOR)
    return Embedded(value)


def _number(value: Any, _immutable: bool) -> int:
    """A certificate's serial number, say (RFC 8949 section 3.4.3)."""
    if not isinstance(value, bytes) or len(value) > _NUMBER_BYTES_MAX:
        raise DocumentError(Reason.CBOR)
    return int.from_bytes(value, "big")


_BIGNUM, _EMBEDDED, _EMBEDDED_HEAD = 2, 24, b"\xd8\x18"
_NUMBER_BYTES_MAX = 64
_DECODERS = dict.fromkeys([*range(300), 43000], _refuse) | dict.fromkeys(_HARMLESS, _keep)
_WITH_EMBEDDED = _DECODERS | {_BIGNUM: _number, _EMBEDDED: _embed}


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that is read and not yet believed. ``chain``: the signer's certificate first."""

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: int
    kid: bytes
    chain: tuple[bytes, ...] = ()


def read(data: bytes) -> Signed:
    """Raises DocumentError."""
    return of_parts(load(data))


def of_parts(parts: object) -> Signed:
    """A message that stood within another one, as it was decoded. Raises DocumentError."""
    match parts:
        case [bytes(protected), dict() | cbor2.frozendict() as loose, bytes(payload), bytes(mark)]:
            bound = load(protected) if protected else {}
        case _:
            raise DocumentError(Reason.COSE)
    if not hasattr(bound, "get"):
        raise DocumentError(Reason.COSE)
    # What is signed wins; what is not signed only fills a gap, as it does with issuers in the EU's
    # own cases. A changed one opens nothing: the key that the list holds decides what may fit.
    algorithm = bound.get(_ALGORITHM, loose.get(_ALGORITHM))
    kid = bound.get(_KID, loose.get(_KID, b""))
    if not isinstance(kid, bytes) or type(algorithm) not in (int, str):
        raise DocumentError(Reason.COSE)
    if algorithm not in _ALGORITHMS:
        raise DocumentError(Reason.ALGORITHM)
    chain = _chain(bound.get(_CHAIN, loose.get(_CHAIN, ())))
    return Signed(protected, payload, mark, algorithm, kid, chain)


def _chain(told: object) -> tuple[bytes, ...]:
    """One certificate, or several in order (RFC 9360 section 2)."""
    ders = (told,) if isinstance(told, bytes) else told
    if not isinstance(ders, list | tuple) or not all(isinstance(der, bytes) for der in ders):
        raise DocumentError(Reason.CHAIN)
    return tuple(ders)


def load(data: bytes, *, embedded: bool = False) -> Any:
    """One CBOR item and nothing after it, its harmless tags taken off. Raises DocumentError.

    ``embedded``: items within byte strings are marked as such, and long numbers read; both are
    refused otherwise.
    """
    try:
        stream = BytesIO(data)
        found = cbor2.CBORDecoder(
            stream,
            tag_hook=_untag,
            semantic_decoders=_WITH_EMBEDDED if embedded else _DECODERS,
            max_depth=DEPTH_MAX,
            allow_duplicate_keys=False,
        ).decode()
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise DocumentError(Reason.CBOR) from error
    if stream.tell() != len(data):
        raise DocumentError(Reason.CBOR)
    return found


def is_signed_by(signed: Signed, key: PublicKeyTypes) -> bool:
    """Whether ``key`` made the signature, by the algorithm that the message names."""
    data = cbor2.dumps(["Signature1", signed.protected, b"", signed.payload], canonical=True)
    return verifies(key, _ALGORITHMS[signed.algorithm], signed.signature, data)


def _untag(tag: cbor2.CBORTag, _immutable: bool) -> Any:
    if tag.tag in _HARMLESS:
        return tag.value
    raise DocumentError(Reason.CBOR)
