"""Signatures of documents that others issued: one check for COSE and JOSE, by algorithm and key."""

from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

RSA_BITS_MIN, RSA_BITS_MAX = 2048, 8192  # a shorter modulus proves little, a longer costs time


class Algorithm(StrEnum):
    """By their names in JOSE (RFC 7518 section 3.1, RFC 8037)."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    EDDSA = "EdDSA"

    @property
    def digest(self) -> HashAlgorithm:
        return _DIGESTS[self[2:]]


_DIGESTS: dict[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
CURVES = {Algorithm.ES256: "secp256r1", Algorithm.ES384: "secp384r1", Algorithm.ES512: "secp521r1"}


def verifies(key: PublicKeyTypes, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """Whether ``key`` made the signature of ``data``. An ECDSA signature is r and s side by side.

    The curve is the key's: who speaks a format that binds curve and hash compares ``CURVES``.
    """
    try:
        match key:
            case ec.EllipticCurvePublicKey() if algorithm.startswith("ES"):
                return made(key, dss(signature, key.curve), data, algorithm.digest)
            case rsa.RSAPublicKey():
                return made(key, signature, data, algorithm.digest, _padding(algorithm))
            case ed25519.Ed25519PublicKey() if algorithm is Algorithm.EDDSA:
                key.verify(signature, data)
            case _:
                return False
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def made(
    key: PublicKeyTypes,
    signature: bytes,
    data: bytes,
    digest: HashAlgorithm,
    pad: padding.AsymmetricPadding | None = None,
) -> bool:
    """The same for what names its hash apart, as X.509 does; ``pad``: with RSA and only there.

    An ECDSA signature is DER (RFC 3279 section 2.2.3).
    """
    try:
        match key:
            case ec.EllipticCurvePublicKey() if pad is None:
                key.verify(signature, data, ec.ECDSA(digest))
            case rsa.RSAPublicKey() if pad and RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX:
                key.verify(signature, data, pad, digest)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _padding(algorithm: Algorithm) -> padding.AsymmetricPadding:
    """Raises ValueError: not one for RSA."""
    if algorithm.startswith("PS"):
        return padding.PSS(padding.MGF1(algorithm.digest), algorithm.digest.digest_size)
    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    raise ValueError("not an algorithm of RSA")


def dss(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """From r and s side by side (RFC 9053 section 2.1) to DER. Raises ValueError."""
    size = (curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise ValueError("not a signature on this curve")
    return encode_dss_signature(
        int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    )
