"""What lets a node issue documents: the authority's word for the key that the node signs them by.

A CWT (RFC 8392) with that key as its confirmation (RFC 8747) in a COSE_Sign1 (RFC 9052) by the
authority's own key: a certificate in 200 bytes, for it travels in every document's QR code.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sync.wire import cbor
from sync.wire.errors import MalformedError
from sync.wire.topics import check_node_id

KID_BYTES = 8  # of the SHA-256 of the authority's certificate
BYTES_MAX = 1024

_SUBJECT, _EXPIRES, _NOT_BEFORE, _CONFIRMATION = 2, 4, 5, 8
_COSE_KEY = 1
_KEY_TYPE, _CURVE, _X = 1, -1, -2  # RFC 9053 section 7.2
_OKP, _ED25519 = 1, 6
_ES256, _SIDE_BYTES = -7, 32


@dataclass(frozen=True, slots=True)
class Delegation:
    """``key`` signs documents for this node from one moment to another. Unix seconds."""

    node_id: str
    key: Ed25519PublicKey = field(repr=False)
    not_before_s: int
    not_after_s: int


def kid_of(authority_der: bytes) -> bytes:
    """How an authority is named by what it signed."""
    return hashlib.sha256(authority_der).digest()[:KID_BYTES]


def sign(delegation: Delegation, authority_der: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """``key`` is that of the authority's certificate, on P-256."""
    cose_key = {_KEY_TYPE: _OKP, _CURVE: _ED25519, _X: delegation.key.public_bytes_raw()}
    payload = cbor.encode(
        {
            _SUBJECT: delegation.node_id,
            _EXPIRES: delegation.not_after_s,
            _NOT_BEFORE: delegation.not_before_s,
            _CONFIRMATION: {_COSE_KEY: cose_key},
        }
    )
    protected = cbor.encode({1: _ES256, 4: kid_of(authority_der)})
    mark = key.sign(cbor.encode(["Signature1", protected, b"", payload]), ec.ECDSA(SHA256()))
    sides = b"".join(side.to_bytes(_SIDE_BYTES, "big") for side in decode_dss_signature(mark))
    return cbor.encode([protected, {}, payload, sides])


def read(payload: bytes) -> Delegation:
    """What is signed, of which somebody else says whether it is. Raises MalformedError."""
    match cbor.decode(payload, BYTES_MAX):
        case {
            2: str(node_id),
            4: int(end_s),
            5: int(begin_s),
            8: {1: {1: 1, -1: 6, -2: bytes(x)}},
        } if len(x) == 32 and 0 <= begin_s < end_s:
            key = Ed25519PublicKey.from_public_bytes(x)
            return Delegation(check_node_id(node_id), key, begin_s, end_s)
        case _:
            raise MalformedError("not a delegation")
