"""Keys of passports' authorities: the curve written out is one that is known, or nothing."""

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA512, Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from localservices.verification import curves, plain_ecdsa, public_keys
from localservices.verification.curves import Domain, PlainCurve
from localservices.verification.plain_ecdsa import PlainKey
from localservices.verification.signatures import made
from tests.localservices.verification.written_out import a_key, numbers_of, spki

CURVES = list(curves._IN_LIBRARY.values())
P256 = ec.generate_private_key(ec.SECP256R1())
PLAIN = {
    name: PlainCurve(name, curves._DOMAINS[name]) for name in ("brainpoolP224r1", "brainpoolP320r1")
}


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_the_numbers_are_those_of_the_library_s_curves(curve: ec.EllipticCurve) -> None:
    known = numbers_of(curve)
    one = ec.derive_private_key(1, curve).public_key().public_numbers()
    last = ec.derive_private_key(known.n - 1, curve).public_key().public_numbers()
    assert (one.x, one.y) == (known.x, known.y)
    assert (last.x, last.y) == (known.x, known.p - known.y)
    assert curve.group_order == known.n
    for _ in range(3):
        point = ec.generate_private_key(curve).public_key().public_numbers()
        assert plain_ecdsa._is_on(known, point.x, point.y)


@pytest.mark.parametrize("curve", PLAIN.values(), ids=PLAIN)
def test_the_numbers_of_the_other_curves_agree_with_each_other(curve: PlainCurve) -> None:
    known = curve.domain
    assert plain_ecdsa._is_on(known, known.x, known.y)
    assert plain_ecdsa._times(known, known.n, (known.x, known.y)) is None


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_a_key_whose_curve_is_written_out_is_read_as_if_it_was_named(
    curve: ec.EllipticCurve,
) -> None:
    key = ec.generate_private_key(curve).public_key()
    known = numbers_of(curve)
    size = (known.p.bit_length() + 7) // 8
    short = bytes([2 + known.y % 2]) + known.x.to_bytes(size, "big")
    for der in (a_key(key), a_key(key, cofactor=None), a_key(key, base=short)):
        assert public_keys.read(der) == key


@pytest.mark.parametrize("changed", Domain.__slots__)
def test_one_other_number_makes_it_no_key(changed: str) -> None:
    number = getattr(numbers_of(P256.curve), changed)
    with pytest.raises(ValueError, match="known curve"):
        public_keys.read(a_key(P256.public_key(), **{changed: number ^ 1}))


def test_a_generator_that_a_forger_chose_makes_it_no_key() -> None:
    """CVE-2020-0601: with G' = Q the key that belongs to Q is 1."""
    forged = P256.public_key().public_numbers()
    with pytest.raises(ValueError, match="known curve"):
        public_keys.read(a_key(P256.public_key(), x=forged.x, y=forged.y))
    other_root = numbers_of(P256.curve).p - numbers_of(P256.curve).y
    with pytest.raises(ValueError, match="known curve"):
        public_keys.read(a_key(P256.public_key(), y=other_root))
    short = bytes([2 + other_root % 2]) + numbers_of(P256.curve).x.to_bytes(32, "big")
    with pytest.raises(ValueError, match="known curve"):
        public_keys.read(a_key(P256.public_key(), base=short))


def test_another_cofactor_or_no_point_makes_it_no_key() -> None:
    with pytest.raises(ValueError, match="cofactor"):
        public_keys.read(a_key(P256.public_key(), cofactor=2))
    with pytest.raises(ValueError, match=r"point|key|encoding"):
        public_keys.read(spki(P256.curve, b"\x04" + bytes(64)))


def test_named_curves_and_other_keys_are_read_as_before() -> None:
    other = rsa.generate_private_key(65537, 2048)
    for key in (P256.public_key(), other.public_key()):
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public_keys.read(der) == key


@given(st.integers(0, 8 * 300), st.integers(0, 7))
def test_no_flipped_bit_gives_another_curve(place: int, bit: int) -> None:
    der = bytearray(a_key(P256.public_key()))
    der[place % len(der)] ^= 1 << bit
    try:
        key = public_keys.read(bytes(der))
    except (ValueError, IndexError, UnsupportedAlgorithm):
        return
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"


def sign(curve: PlainCurve, secret: int, nonce: int, data: bytes, digest: HashAlgorithm) -> bytes:
    """The other half of ``plain_ecdsa`` (SEC 1, section 4.1.3), for tests alone."""
    known = curve.domain
    hashed = Hash(digest)
    hashed.update(data)
    number = int.from_bytes(hashed.finalize(), "big")
    number >>= max(0, 8 * digest.digest_size - known.n.bit_length())
    point = plain_ecdsa._times(known, nonce, (known.x, known.y))
    assert point is not None
    r = point[0] % known.n
    return encode_dss_signature(r, pow(nonce, -1, known.n) * (number + r * secret) % known.n)


def public(curve: PlainCurve, secret: int) -> bytes:
    known = curve.domain
    point = plain_ecdsa._times(known, secret, (known.x, known.y))
    assert point is not None
    size = (known.p.bit_length() + 7) // 8
    return b"\x04" + point[0].to_bytes(size, "big") + point[1].to_bytes(size, "big")


@pytest.mark.parametrize("curve", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("digest", [SHA224(), SHA256(), SHA512()], ids=lambda one: one.name)
def test_a_signature_on_a_curve_that_the_library_lacks_is_checked(
    curve: PlainCurve, digest: HashAlgorithm
) -> None:
    key = public_keys.read(spki(curve, public(curve, 12345)))
    mark = sign(curve, 12345, 67890, b"data", digest)
    assert isinstance(key, PlainKey)
    assert made(key, mark, b"data", digest)
    assert not made(key, mark, b"date", digest)
    assert not made(key, sign(curve, 12346, 67890, b"data", digest), b"data", digest)
    for r, s in ((0, 1), (1, 0), (curve.group_order, 1), (1, curve.group_order)):
        assert not made(key, encode_dss_signature(r, s), b"data", digest)


@settings(max_examples=20)
@given(st.integers(1, 2**200), st.integers(1, 2**200), st.binary(max_size=40))
def test_plain_arithmetic_agrees_with_the_library(secret: int, nonce: int, data: bytes) -> None:
    curve = PlainCurve("the library's", numbers_of(P256.curve))
    mark = sign(curve, secret, nonce, data, SHA256())
    assert made(PlainKey(curve, public(curve, secret)), mark, data, SHA256())
    library = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public(curve, secret))
    assert made(library, mark, data, SHA256())


def test_a_point_beside_the_curve_is_no_key() -> None:
    curve = PLAIN["brainpoolP224r1"]
    point = bytearray(public(curve, 5))
    point[-1] ^= 1
    for wrong in (bytes(point), bytes(57), b"\x04", public(curve, 5) + b"\x00"):
        with pytest.raises(ValueError, match="point"):
            public_keys.read(spki(curve, wrong))
