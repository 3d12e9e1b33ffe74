"""JSON Web Keys (RFC 7517, 7518, 8037): public ones, as issuers and holders state them."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification.signatures import RSA_BITS_MAX

_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_NEEDED = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}


_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class KeyFormatError(ValueError):
    """Not a public key of a kind known here."""


def read(told: object) -> PublicKeyTypes:
    """Raises KeyFormatError."""
    try:
        match told:
            case {"kty": "EC", "crv": str(curve), "x": str(x), "y": str(y)}:
                numbers = ec.EllipticCurvePublicNumbers(_number(x), _number(y), _CURVES[curve])
                return numbers.public_key()
            case {"kty": "OKP", "crv": "Ed25519", "x": str(x)}:
                return ed25519.Ed25519PublicKey.from_public_bytes(octets(x))
            case {"kty": "RSA", "n": str(n), "e": str(e)} if len(n) * 6 <= RSA_BITS_MAX + 8:
                return rsa.RSAPublicNumbers(_number(e), _number(n)).public_key()
    except (ValueError, KeyError) as error:
        raise KeyFormatError("a key that is none") from error
    raise KeyFormatError("a key of a kind that is not known here")


def thumbprint(told: Mapping[str, Any]) -> str:
    """RFC 7638. Raises KeyFormatError."""
    try:
        needed = {name: told[name] for name in _NEEDED[told["kty"]]}
    except (KeyError, TypeError) as error:
        raise KeyFormatError("a key of a kind that is not known here") from error
    text = json.dumps(needed, separators=(",", ":"), sort_keys=True)
    return text_of(hashlib.sha256(text.encode()).digest())


def octets(text: str) -> bytes:
    """Base64url without padding (RFC 7515 section 2), in its one form. Raises ValueError."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    plain = text.replace("-", "+").replace("_", "/")
    data = binascii.a2b_base64(plain + "=" * (-len(text) % 4))
    left = len(data) % 3
    if left and text_of(data[-left:]) != text[-left - 1 :]:  # bits that mean nothing
        raise ValueError("not base64url in its one form")
    return data


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _number(text: str) -> int:
    return int.from_bytes(octets(text), "big")
