"""ECDSA (SEC 1, section 4.1.4) on curves that the library lacks, and only to look at signatures.

Some states sign seals on brainpoolP224r1. Nothing here is secret, so its time may differ.
"""

from typing import NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from localservices.verification.curves import Domain, PlainCurve

Buffer = bytes | bytearray | memoryview
Point = tuple[int, int] | None  # None: at infinity


class PlainKey(ec.EllipticCurvePublicKey):
    """A public key as the library has them, which can do nothing but verify."""

    def __init__(self, curve: PlainCurve, point: bytes) -> None:
        """``point``: uncompressed (SEC 1, section 2.3.3). Raises ValueError: not on the curve."""
        size = (curve.domain.p.bit_length() + 7) // 8
        x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
        if point[0] != 4 or len(point) != 1 + 2 * size or not _is_on(curve.domain, x, y):
            raise ValueError("not a point of the curve")
        self._curve, self._x, self._y = curve, x, y

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._curve

    @property
    def key_size(self) -> int:
        return self._curve.key_size

    def public_numbers(self) -> ec.EllipticCurvePublicNumbers:
        return ec.EllipticCurvePublicNumbers(self._x, self._y, self._curve)

    def public_bytes(self, encoding: Encoding, format: PublicFormat) -> NoReturn:  # noqa: A002
        raise UnsupportedAlgorithm(f"no {encoding} {format} of such a key")

    def verify(
        self,
        signature: Buffer,
        data: Buffer,
        signature_algorithm: ec.EllipticCurveSignatureAlgorithm,
    ) -> None:
        """Raises InvalidSignature, ValueError."""
        domain, algorithm = self._curve.domain, signature_algorithm.algorithm
        r, s = decode_dss_signature(bytes(signature))
        if not isinstance(algorithm, HashAlgorithm) or not (0 < r < domain.n and 0 < s < domain.n):
            raise InvalidSignature
        hashed = Hash(algorithm)
        hashed.update(data)
        number = int.from_bytes(hashed.finalize(), "big")
        number >>= max(0, 8 * algorithm.digest_size - domain.n.bit_length())
        inverse = pow(s, -1, domain.n)
        found = _sum(
            domain,
            _times(domain, number * inverse % domain.n, (domain.x, domain.y)),
            _times(domain, r * inverse % domain.n, (self._x, self._y)),
        )
        if found is None or found[0] % domain.n != r:
            raise InvalidSignature

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainKey) and self.public_numbers() == other.public_numbers()

    def __hash__(self) -> int:
        return hash((self._x, self._y))

    def __copy__(self) -> "PlainKey":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "PlainKey":
        return self


def _is_on(domain: Domain, x: int, y: int) -> bool:
    is_equal = (y * y - (x * x + domain.a) * x - domain.b) % domain.p == 0
    return is_equal and x < domain.p and y < domain.p


def _sum(domain: Domain, one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2), p = one, other, domain.p
    if x1 == x2 and (y1 + y2) % p == 0:
        return None
    if one == other:
        slope = (3 * x1 * x1 + domain.a) * pow(2 * y1, -1, p)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, p)
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def _times(domain: Domain, number: int, point: Point) -> Point:
    found: Point = None
    for bit in bin(number)[2:]:
        found = _sum(domain, found, found)
        if bit == "1":
            found = _sum(domain, found, point)
    return found
