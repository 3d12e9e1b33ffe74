"""A signature counts only with a key that the trust list holds, and only by a fitting algorithm."""

import hashlib
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from localservices.verification import certificates
from localservices.verification.formats import cose
from localservices.verification.formats.hcert import judge
from localservices.verification.trust import TrustList, of_certificates
from localservices.verification.verdict import DocumentError, Reason, State
from sync.wire import base45
from tests.localservices.verification.issuing import (
    DAY,
    NOW,
    NOW_MS,
    TEST,
    VACCINATION,
    Issuer,
    a_body,
    packed,
)

Sign = Callable[[Any, bytes], bytes]

ISSUER = Issuer()
CONTENT: bytes = cbor2.loads(zlib.decompress(base45.decode(ISSUER.issue()[4:]))).value[2]


def _ecdsa(digest: HashAlgorithm, size: int) -> Sign:
    def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def _pss(digest: HashAlgorithm) -> Sign:
    def sign(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
        return key.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)

    return sign


def _eddsa(key: ed25519.Ed25519PrivateKey, data: bytes) -> bytes:
    return key.sign(data)


P256, P384, P521 = (
    ec.generate_private_key(c()) for c in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
)
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
GOOD: dict[str, tuple[int, Any, Sign]] = {
    "ES256": (-7, P256, _ecdsa(SHA256(), 32)),
    "ES384": (-35, P384, _ecdsa(SHA384(), 48)),
    "ES512": (-36, P521, _ecdsa(SHA512(), 66)),
    "ES256 on P-384, as Spain has it": (-7, P384, _ecdsa(SHA256(), 48)),
    "PS256": (-37, RSA, _pss(SHA256())),
    "PS384": (-38, RSA, _pss(SHA384())),
    "PS512": (-39, RSA, _pss(SHA512())),
    "EdDSA": (-8, ED25519, _eddsa),
}


def a_certificate(key: Any, begins: timedelta = -DAY) -> bytes:
    name = x509.Name([])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(NOW + begins).not_valid_after(NOW + 300 * DAY)
    return builder.sign(key, digest).public_bytes(Encoding.DER)


def kid_of(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()[:8]


def signed(key: Any, sign: Sign, bound: dict[int, Any], loose: dict[int, Any] | None = None) -> str:
    protected = cbor2.dumps(bound) if bound else b""
    mark = sign(key, cbor2.dumps(["Signature1", protected, b"", CONTENT]))
    return packed(cbor2.dumps(cbor2.CBORTag(18, [protected, loose or {}, CONTENT, mark])))


@pytest.mark.parametrize("name", GOOD)
def test_every_algorithm_of_the_field_is_understood(name: str) -> None:
    algorithm, key, sign = GOOD[name]
    der = a_certificate(key)
    text = signed(key, sign, {1: algorithm, 4: kid_of(der)})
    assert judge(text, of_certificates([der]), NOW_MS).state is State.VALID


@pytest.mark.parametrize("claimed", [-7, -35, -36, -37, -38, -39, -8, 0, 5, -65535])
@pytest.mark.parametrize("name", GOOD)
def test_an_algorithm_other_than_the_one_used_is_never_accepted(name: str, claimed: int) -> None:
    algorithm, key, sign = GOOD[name]
    if claimed == algorithm:
        return
    der = a_certificate(key)
    text = signed(key, sign, {1: claimed, 4: kid_of(der)})
    state = judge(text, of_certificates([der]), NOW_MS).state
    is_known = claimed in {known for known, _, _ in GOOD.values()}
    assert state is (State.TAMPERED if is_known else State.UNSUPPORTED)


@pytest.mark.parametrize(
    ("bound", "loose", "state"),
    [
        ("right", None, State.VALID),
        (None, "right", State.VALID),
        ("right", "right", State.VALID),
        ("right", "wrong", State.VALID),
        ("wrong", "right", State.UNTRUSTED_ISSUER),
        (None, "wrong", State.UNTRUSTED_ISSUER),
        (None, None, State.UNTRUSTED_ISSUER),
    ],
)
@pytest.mark.parametrize("algorithm_is_bound", [True, False])
def test_the_signed_header_wins_and_the_other_only_fills_its_gaps(
    bound: str | None, loose: str | None, state: State, algorithm_is_bound: bool
) -> None:
    der = a_certificate(P256)
    kids = {"right": {4: kid_of(der)}, "wrong": {4: b"\0" * 8}, None: {}}
    first, second = ({1: -7}, {}) if algorithm_is_bound else ({}, {1: -7})
    text = signed(P256, GOOD["ES256"][2], kids[bound] | first, kids[loose] | second)
    assert judge(text, of_certificates([der]), NOW_MS).state is state


@pytest.mark.parametrize("kid", [b"", b"\0" * 7, b"\0" * 9, "text", 5, None, [1]])
def test_an_id_of_a_strange_form_is_nobodys(kid: object) -> None:
    der = a_certificate(P256)
    text = signed(P256, GOOD["ES256"][2], {1: -7, 4: kid})
    assert judge(text, of_certificates([der]), NOW_MS).state is not State.VALID


@pytest.mark.parametrize("size", [0, 1, 63, 65, 70, 72, 132])
def test_a_signature_of_a_strange_length_is_tampering(size: int) -> None:
    der = a_certificate(P256)
    text = signed(P256, lambda _key, _data: bytes(size), {1: -7, 4: kid_of(der)})
    assert judge(text, of_certificates([der]), NOW_MS).state is State.TAMPERED


def test_of_certificates_with_the_same_id_each_is_tried() -> None:
    der, other = a_certificate(P256), a_certificate(P384)
    both = (certificates.read(other), certificates.read(der))
    text = signed(P256, GOOD["ES256"][2], {1: -7, 4: kid_of(der)})
    assert judge(text, TrustList({kid_of(der): both}), NOW_MS).state is State.VALID


def test_an_issuer_whose_certificate_has_not_begun_is_not_trusted_yet() -> None:
    der = a_certificate(P256, begins=DAY)
    text = signed(P256, GOOD["ES256"][2], {1: -7, 4: kid_of(der)})
    verdict = judge(text, of_certificates([der]), NOW_MS)
    assert (verdict.state, verdict.reason) == (State.ISSUER_EXPIRED, Reason.ISSUER_EXPIRED)


BODIES = [a_body(r=..., t=[TEST]), a_body(r=..., v=[VACCINATION]), a_body()]  # as usages count


@pytest.mark.parametrize("root", ["1.3.6.1.4.1.1847.2021.1", "1.3.6.1.4.1.0.1847.2021.1"])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_usage_in_either_spelling_allows_its_own_kind_and_no_other(root: str, kind: int) -> None:
    issuer = Issuer(usages=(f"{root}.{kind}",))
    states = [judge(issuer.issue(body), issuer.trusted, NOW_MS).state for body in BODIES]
    assert [place for place, state in enumerate(states, 1) if state is State.VALID] == [kind]
    assert states.count(State.WRONG_KEY_USAGE) == 2


@pytest.mark.parametrize("name", ["ES384", "PS256"])
def test_no_flipped_bit_is_accepted_by_any_kind_of_key(name: str) -> None:
    algorithm, key, sign = GOOD[name]
    der = a_certificate(key)
    trusted, text = of_certificates([der]), signed(key, sign, {1: algorithm, 4: kid_of(der)})
    message = zlib.decompress(base45.decode(text[4:]))
    for at in range(1, len(message)):  # before that stands the tag, which nobody signs
        for bit in range(8):
            spoiled = bytearray(message)
            spoiled[at] ^= 1 << bit
            assert judge(packed(bytes(spoiled)), trusted, NOW_MS).state is not State.VALID, at


@pytest.mark.parametrize("more", [b"\x00", b"\xf6", b"garbage"])
def test_what_follows_a_document_is_not_passed_by(more: bytes) -> None:
    whole = cbor2.dumps({1: "one"})
    assert cose.load(whole) == {1: "one"}
    with pytest.raises(DocumentError):
        cose.load(whole + more)
