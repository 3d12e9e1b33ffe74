"""COSE_Sign1 (RFC 9052 section 4.2) with Ed25519: who wrote a message, and that it is whole."""

from collections.abc import Sequence
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.wire import cbor
from sync.wire.errors import MalformedError, SignatureError
from sync.wire.limits import MESSAGE_BYTES_MAX

_PROTECTED = cbor.encode({1: -8})  # alg: EdDSA (RFC 9053 section 2.2)
_CONTEXT = b"nezlam/1"  # external_aad: a signature made for another purpose never fits here


class SigningKey(Protocol):
    """An Ed25519 private key, or who knows which of several to use."""

    def sign(self, data: bytes, /) -> bytes: ...


class VerifyingKey(Protocol):
    """An Ed25519 public key, or who knows which of several are believed."""

    def verify(self, signature: bytes, data: bytes, /) -> None:
        """Raises InvalidSignature."""


class AnyOf:
    """Several keys, each of which may have signed."""

    def __init__(self, keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = keys

    def verify(self, signature: bytes, data: bytes, /) -> None:
        """Raises InvalidSignature."""
        if signer(self._keys, signature, data) is None:
            raise InvalidSignature


def signer(
    keys: Sequence[Ed25519PublicKey], signature: bytes, data: bytes
) -> Ed25519PublicKey | None:
    """Which of the keys signed; None: none of them."""
    for key in keys:
        try:
            key.verify(signature, data)
        except InvalidSignature:
            continue
        return key
    return None


def sign(payload: bytes, key: SigningKey) -> bytes:
    signature = key.sign(_signed_bytes(payload))
    return cbor.encode([_PROTECTED, {}, payload, signature])


def payload_of(data: bytes) -> bytes:
    """Give the payload of a signed message whose signature is not yet judged.

    Raises:
        OversizedError: before any parsing.
        MalformedError: not a COSE_Sign1 of this protocol.
    """
    return _parts(data)[0]


def verified(data: bytes, key: VerifyingKey) -> bytes:
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
