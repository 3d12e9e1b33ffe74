"""COSE_Sign1 (RFC 9052 section 4.2) of documents that others issued: read, and tried with a key."""

from dataclasses import dataclass
from typing import Any, NoReturn

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from localservices.verification.verdict import DocumentError, Reason

DEPTH_MAX = 16
RSA_BITS_MAX = 8192  # a larger modulus only costs time
_ALGORITHM, _KID = 1, 4

# RFC 9053 sections 2.1 and 2.2: ES... does not bind the curve, only the hash.
_ECDSA: dict[int, HashAlgorithm] = {-7: SHA256(), -35: SHA384(), -36: SHA512()}
_PSS: dict[int, HashAlgorithm] = {-37: SHA256(), -38: SHA384(), -39: SHA512()}  # RFC 8230
_EDDSA = -8

# Tags that may stand around a message (18: COSE_Sign1, 61: CWT, 55799: "this is CBOR"), or mark
# a time or a day (RFC 8943) inside. Others may build cycles or compile patterns.
_HARMLESS = frozenset({0, 1, 18, 61, 1004, 55799})


def _keep(value: Any, _immutable: bool) -> Any:
    return value


def _refuse(_value: Any, _immutable: bool) -> NoReturn:
    raise DocumentError(Reason.CBOR)


_DECODERS = dict.fromkeys([*range(300), 43000], _refuse) | dict.fromkeys(_HARMLESS, _keep)


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that is read and not yet believed."""

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: int
    kid: bytes


def read(data: bytes) -> Signed:
    """Raises DocumentError."""
    match load(data):
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
    if type(algorithm) is not int or algorithm not in {*_ECDSA, *_PSS, _EDDSA}:
        raise DocumentError(Reason.ALGORITHM)
    if not isinstance(kid, bytes):
        raise DocumentError(Reason.COSE)
    return Signed(protected, payload, mark, algorithm, kid)


def load(data: bytes) -> Any:
    """One CBOR item, its harmless tags taken off. Raises DocumentError."""
    try:
        return cbor2.loads(
            data,
            tag_hook=_untag,
            semantic_decoders=_DECODERS,
            max_depth=DEPTH_MAX,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise DocumentError(Reason.CBOR) from error


def is_signed_by(signed: Signed, key: PublicKeyTypes) -> bool:
    """Whether ``key`` made the signature, by the algorithm that the message names."""
    data = cbor2.dumps(["Signature1", signed.protected, b"", signed.payload], canonical=True)
    try:
        match key:
            case ec.EllipticCurvePublicKey() if signed.algorithm in _ECDSA:
                mark = _dss(signed.signature, key.curve)
                key.verify(mark, data, ec.ECDSA(_ECDSA[signed.algorithm]))
            case rsa.RSAPublicKey() if signed.algorithm in _PSS and key.key_size <= RSA_BITS_MAX:
                digest = _PSS[signed.algorithm]
                mask = padding.PSS(padding.MGF1(digest), digest.digest_size)
                key.verify(signed.signature, data, mask, digest)
            case ed25519.Ed25519PublicKey() if signed.algorithm == _EDDSA:
                key.verify(signed.signature, data)
            case _:
                return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _dss(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """From r and s side by side (RFC 9053 section 2.1) to what the library takes."""
    size = (curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise ValueError("not a signature on this curve")
    return encode_dss_signature(
        int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    )


def _untag(tag: cbor2.CBORTag, _immutable: bool) -> Any:
    if tag.tag in _HARMLESS:
        return tag.value
    raise DocumentError(Reason.CBOR)
