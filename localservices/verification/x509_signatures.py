"""Signatures that name their algorithm as X.509 and CMS do (RFC 4055, RFC 5754, RFC 5758)."""

from asn1crypto import algos
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512, HashAlgorithm

from localservices.verification.asn1 import items
from localservices.verification.certificates import Certificate
from localservices.verification.signatures import Algorithm, made, verifies

_SEQUENCE, _BIT_STRING = 0x30, 0x03
HASHES: dict[str, HashAlgorithm] = {
    "sha224": SHA224(),
    "sha256": SHA256(),
    "sha384": SHA384(),
    "sha512": SHA512(),
}


def is_issued_by(leaf: Certificate, authority: Certificate) -> bool:
    """Whether ``authority`` is named as its issuer, and signed it; whether it may, others say."""
    if leaf.issuer != authority.subject:
        return False
    try:
        [(outer, whole, _)] = items(leaf.der)
        (_, content, signed), (_, _, algorithm), (last, bits, _) = items(whole)
        inner = [item for _, _, item in items(content)]
    except (ValueError, IndexError):
        return False
    if (outer, last, bits[:1]) != (_SEQUENCE, _BIT_STRING, b"\0"):
        return False
    if algorithm not in inner[1:3]:  # RFC 5280 section 4.1.1.2: named twice, and alike
        return False
    return is_signed(authority.key, algorithm, bits[1:], signed)


def is_signed(
    key: PublicKeyTypes,
    algorithm: bytes,
    signature: bytes,
    data: bytes,
    digest: str | None = None,
) -> bool:
    """Whether ``key`` made it; ``digest``: what CMS says apart, where the algorithm names none.

    False for an algorithm that is not known here, and for SHA-1, which can be forged.
    """
    try:
        told = algos.SignedDigestAlgorithm.load(algorithm)
        kind = told.signature_algo
        if kind == "ed25519":
            return verifies(key, Algorithm.EDDSA, signature, data)
        names_none = told["algorithm"].native == "rsassa_pkcs1v15"
        hashed = HASHES[str(digest) if names_none else told.hash_algo]
        pad = _padding(kind, told)
    except (ValueError, TypeError, KeyError):
        return False
    return made(key, signature, data, hashed, pad)


def _padding(kind: str, told: algos.SignedDigestAlgorithm) -> padding.AsymmetricPadding | None:
    """Raises KeyError: not one that is known here."""
    if kind == "rsassa_pss":
        parameters = told["parameters"]
        masks = HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
        return padding.PSS(padding.MGF1(masks), parameters["salt_length"].native)
    return {"rsassa_pkcs1v15": padding.PKCS1v15(), "ecdsa": None}[kind]
