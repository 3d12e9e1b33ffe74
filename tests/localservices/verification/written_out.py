"""Keys whose curve is written out in numbers, as passports' authorities have them."""

from typing import Any

from asn1crypto import core, keys
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from localservices.verification import curves
from localservices.verification.curves import Domain


def numbers_of(curve: ec.EllipticCurve) -> Domain:
    return curves._DOMAINS[curve.name]


def a_key(
    key: ec.EllipticCurvePublicKey,
    base: bytes | None = None,
    cofactor: int | None = 1,
    **changes: int,
) -> bytes:
    """A SubjectPublicKeyInfo; ``changes``: other numbers than those of the key's curve."""
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return spki(key.curve, point, base, cofactor, **changes)


def spki(
    curve: ec.EllipticCurve,
    point: bytes,
    base: bytes | None = None,
    cofactor: int | None = 1,
    **changes: int,
) -> bytes:
    known = numbers_of(curve)
    size = (known.p.bit_length() + 7) // 8
    told: dict[str, int] = {name: getattr(known, name) for name in Domain.__slots__} | changes

    def octets(name: str) -> bytes:
        return told[name].to_bytes(size, "big")

    domain: dict[str, Any] = {
        "version": "ecdpVer1",
        "field_id": {"field_type": "prime_field", "parameters": core.Integer(told["p"])},
        "curve": {"a": octets("a"), "b": octets("b")},
        "base": b"\x04" + octets("x") + octets("y") if base is None else base,
        "order": told["n"],
    }
    if cofactor is not None:
        domain["cofactor"] = cofactor
    parameters = keys.ECDomainParameters("specified", keys.SpecifiedECDomain(domain))
    return bytes(
        keys.PublicKeyInfo(
            {
                "algorithm": {"algorithm": "ec", "parameters": parameters},
                "public_key": keys.ECPointBitString(point),
            }
        ).dump()
    )
