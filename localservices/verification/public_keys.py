"""Public keys as certificates carry them (RFC 5280 section 4.1.2.7), those of travel documents too.

Authorities of passports write out their curve's numbers instead of naming it (ICAO Doc 9303 part
12). Whoever believes such numbers believes a forger who chose the generator (CVE-2020-0601), so
every one of them is compared with those of the curves that are known, and the key is then taken to
be on that curve.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from localservices.verification import curves
from localservices.verification.asn1 import items
from localservices.verification.curves import PlainCurve
from localservices.verification.plain_ecdsa import PlainKey

_INTEGER, _OID = 0x02, 0x06
_EC_KEY = bytes.fromhex("2a8648ce3d0201")  # 1.2.840.10045.2.1
_PRIME_FIELD = bytes.fromhex("2a8648ce3d0101")  # 1.2.840.10045.1.1
_PLAIN = {  # 1.3.36.3.3.2.8.1.1.n (RFC 5639): named, and not in the library
    bytes.fromhex("2b2403030208010105"): "brainpoolP224r1",
    bytes.fromhex("2b2403030208010109"): "brainpoolP320r1",
}


def read(der: bytes) -> PublicKeyTypes:
    """Raises ValueError, IndexError, UnsupportedAlgorithm: not a key that can be used."""
    [(_, whole, _)] = items(der)
    (_, algorithm, _), (_, bits, _) = items(whole)
    (_, kind, _), *parameters = items(algorithm)
    if kind != _EC_KEY:
        return load_der_public_key(der)
    [(tag, told, _)] = parameters
    if tag == _OID and told not in _PLAIN:
        return load_der_public_key(der)
    curve = curves.named(_PLAIN[told]) if tag == _OID else _written_out(told)
    if bits[0] != 0:
        raise ValueError("a point is of whole bytes")
    if isinstance(curve, PlainCurve):
        return PlainKey(curve, bits[1:])
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, bits[1:])


def _written_out(told: bytes) -> ec.EllipticCurve:
    """The curve of a SpecifiedECDomain (SEC 1, section C.2). Raises ValueError."""
    (_, _version, _), (_, field, _), (_, shape, _), (_, base, _), (_, order, _), *more = items(told)
    (_, field_kind, _), (_, p, _) = items(field)
    (_, a, _), (_, b, _), *_seed = items(shape)
    if field_kind != _PRIME_FIELD:
        raise UnsupportedAlgorithm("not over a prime field")
    if any(tag == _INTEGER and _number(value) != 1 for tag, value, _ in more):
        raise ValueError("a cofactor that no known curve has")
    curve = curves.of(_number(p), _number(a), _number(b), _number(order), base)
    if curve is None:
        raise ValueError("numbers of no known curve")
    return curve


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
