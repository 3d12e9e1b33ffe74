"""COSE_Sign1 (RFC 9052 section 4.2) with Ed25519: who wrote a message, and that it is whole."""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.wire import cbor
from sync.wire.errors import MalformedError, SignatureError
from sync.wire.limits import MESSAGE_BYTES_MAX

_PROTECTED = cbor.encode({1: -8})  # alg: EdDSA (RFC 9053 section 2.2)
_CONTEXT = b"nezlam/1"  # external_aad: a signature made for another purpose never fits here


def sign(payload: bytes, key: Ed25519PrivateKey) -> bytes:
    signature = key.sign(_signed_bytes(payload))
    return cbor.encode([_PROTECTED, {}, payload, signature])


def payload_of(data: bytes) -> bytes:
    """Give the payload of a signed message whose signature is not yet judged.

    Raises:
        OversizedError: before any parsing.
        MalformedError: not a COSE_Sign1 of this protocol.
    """
    return _parts(data)[0]


def verified(data: bytes, key: Ed25519PublicKey) -> bytes:
    """Give the payload of a message that ``key`` signed.

    Raises:
        OversizedError, MalformedError: as ``payload_of``.
        SignatureError: signed by another key, or not these bytes.
    """
    payload, signature = _parts(data)
    try:
        key.verify(signature, _signed_bytes(payload))
    except InvalidSignature as error:
        raise SignatureError("the signature is not that of the sender") from error
    return payload


def _parts(data: bytes) -> tuple[bytes, bytes]:
    match cbor.decode(data, MESSAGE_BYTES_MAX):
        case [protected, dict(unprotected), bytes(payload), bytes(signature)] if (
            protected == _PROTECTED and not unprotected
        ):
            return payload, signature
        case _:
            raise MalformedError("not a signed message of this protocol")


def _signed_bytes(payload: bytes) -> bytes:
    structure: list[Any] = ["Signature1", _PROTECTED, _CONTEXT, payload]
    return cbor.encode(structure)
