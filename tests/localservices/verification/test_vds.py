"""Visible Digital Seals: what a state printed and sealed is believed, and nothing else."""

import base64
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512, HashAlgorithm
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from localservices.verification import engine, trust
from localservices.verification.formats import c40 as c40_format
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.picture import Readers
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS
from tests.localservices.verification.seals import Sealer, a_feature, a_zone, c40

DATA = Path(__file__).parents[4] / "shared" / "data" / "icao" / "vds"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)
WHEN = When(NOW_MS)
SEALER = Sealer()


def judged(data: bytes, known: Knowledge | None = None, when: When = WHEN) -> Verdict:
    return engine.judge(data.decode("latin-1"), SEALER.known if known is None else known, when)


@pytest.mark.parametrize(
    "as_text",
    [
        lambda data: data.decode("latin-1"),
        lambda data: data.hex().upper(),
        lambda data: base64.b64encode(data).decode() + "\n",
        lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    ],
    ids=["bytes", "hex", "base64", "base64url"],
)
def test_a_sealed_permit_is_genuine_however_its_bytes_are_written(
    as_text: Callable[[bytes], str],
) -> None:
    verdict = engine.judge(as_text(SEALER.seal()), SEALER.known, WHEN)
    assert (verdict.state, verdict.document_type) == (State.VALID, "residence_permit")
    assert dict(verdict.claims) == {
        "name": "LYSENKO OKSANA IVANIVNA",
        "birth": "1987-06-21",
        "sex": "female",
        "number": "FA1234567",
        "nationality": "UKR",
        "passport_number": "UFO001979",
    }
    assert verdict.issuer == "UA"


def test_the_zone_says_until_when_a_seal_is_valid() -> None:
    for expires, state in (("261123", State.VALID), ("261122", State.EXPIRED)):
        assert judged(SEALER.seal({2: c40(a_zone(expires))})).state is state


def test_a_seal_of_tomorrow_is_not_valid_yet() -> None:
    seal = SEALER.seal(issued=(NOW + DAY).date())
    assert judged(seal).state is State.NOT_YET_VALID


def test_a_signer_whose_certificate_has_ended_is_said_to_have() -> None:
    late = Sealer(begins=NOW - 9 * DAY, ends=NOW - DAY)
    assert judged(late.seal(), late.known).state is State.ISSUER_EXPIRED


def test_a_seal_by_a_stranger_is_untrusted_and_by_a_forger_tampered() -> None:
    nobody = Knowledge((TrustList(made_at_ms=NOW_MS),))
    assert judged(SEALER.seal(), nobody).state is State.UNTRUSTED_ISSUER
    assert judged(SEALER.seal(), Sealer(serial=0x5C).known).state is State.UNTRUSTED_ISSUER
    assert judged(Sealer().seal()).state is State.TAMPERED


def test_an_authority_s_own_key_seals_nothing() -> None:
    authority = Sealer(is_authority=True)
    assert judged(authority.seal(), authority.known).state is State.UNTRUSTED_ISSUER


@pytest.mark.parametrize(
    ("curve", "hashed"),
    [
        (ec.SECP224R1(), SHA224()),
        (ec.SECP256R1(), SHA256()),
        (ec.BrainpoolP384R1(), SHA384()),
        (ec.SECP521R1(), SHA512()),
    ],
    ids=["224", "256", "384", "521"],
)
def test_the_hash_is_that_of_the_key_s_length(
    curve: ec.EllipticCurve, hashed: HashAlgorithm
) -> None:
    sealer = Sealer(key=ec.generate_private_key(curve))
    assert judged(sealer.seal(hashed=hashed), sealer.known).state is State.VALID
    other = SHA512() if isinstance(hashed, SHA256) else SHA256()
    assert judged(sealer.seal(hashed=other), sealer.known).state is State.TAMPERED


def test_a_genuine_seal_of_an_unknown_kind_is_called_just_that() -> None:
    verdict = judged(SEALER.seal(kind=b"\x00\x00"))
    assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.KIND)
    assert Check.SIGNATURE in verdict.checks
    assert verdict.claims == ()


def test_a_slip_that_the_issuer_signed_is_shown_as_a_departure() -> None:
    slipped = a_zone()[:36] + "X" + a_zone()[37:]
    verdict = judged(SEALER.seal({2: c40(slipped)}))
    assert (verdict.state, verdict.reason) == (State.SCHEMA_WARNING, Reason.SCHEMA)


def test_a_permit_without_its_zone_is_none() -> None:
    for features in ({}, {2: b""}, {2: c40("ABC")}, {2: b"\x00\x01"}):
        assert judged(SEALER.seal(features)).state is State.MALFORMED


def test_features_of_no_length_and_of_too_much_are_judged() -> None:
    assert judged(SEALER.seal({2: c40(a_zone()), 9: b""})).state is State.VALID
    head = SEALER.seal({})[:18]
    for tail in (
        b"\x02\x84\xff\xff\xff\xff",
        b"\x02\xff",
        b"\x02",
        b"\xff\x00",
        b"\x02\x00\x02\x00",
    ):
        assert judged(head + tail).state in (State.MALFORMED, State.TAMPERED)
    twice = SEALER.signed(head[:-2] + b"\xfb\x06" + a_feature(2, b"") * 2)
    assert judged(twice).reason is Reason.SEAL
    assert judged(head + b"\x02\x82\xff\xff" + bytes(65_535)).reason is Reason.TOO_LONG


def test_no_flipped_bit_of_a_seal_is_believed() -> None:
    seal = SEALER.seal()
    for place in range(len(seal) * 8):
        spoiled = bytearray(seal)
        spoiled[place // 8] ^= 1 << place % 8
        verdict = judged(bytes(spoiled))
        assert verdict.reason is not Reason.UNFORESEEN
        assert verdict.state in (State.MALFORMED, State.TAMPERED, State.UNTRUSTED_ISSUER)


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(data: bytes) -> None:
    for head in (b"\xdc\x02", b"\xdc\x03", b"\xdc\x03" + SEALER.seal()[2:18]):
        verdict = judged(head + data)
        assert verdict.reason is not Reason.UNFORESEEN
        assert verdict.state in (State.MALFORMED, State.TAMPERED, State.UNTRUSTED_ISSUER)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", max_size=100))
def test_what_was_written_in_c40_is_read_from_it(text: str) -> None:
    assert c40_format.decode(c40(text)) == text


@pytest.mark.parametrize("code", ["DataMatrix", "Aztec", "PDF417", "QRCode"])
def test_a_picture_of_a_seal_gives_its_bytes(code: str) -> None:
    seal, out = SEALER.seal(), io.BytesIO()
    drawn = zxingcpp.create_barcode(seal, getattr(zxingcpp, code)).to_image(scale=4)
    Image.fromarray(drawn).save(out, "PNG")
    assert Readers(keeps_ready=False).texts(out.getvalue()) == [seal.decode("latin-1")]


@needs_data
@pytest.mark.parametrize(
    ("name", "at", "state", "kind"),
    [
        ("residentPermit", "2019-12-01", State.NOT_YET_VALID, None),
        ("residentPermit", "2022-01-01", State.VALID, "residence_permit"),
        ("residentPermit", "2026-01-01", State.EXPIRED, "residence_permit"),
        ("supplementSheet", "2022-01-01", State.VALID, "residence_document"),
        ("visa_224bitSig", "2020-03-01", State.VALID, "visa"),  # on brainpoolP224r1
        ("visa_224bitSig", "2025-06-01", State.EXPIRED, "visa"),
        ("addressStickerId", "2024-01-01", State.VALID, "address_sticker"),
        ("addressStickerId", "2026-01-01", State.ISSUER_EXPIRED, "address_sticker"),
        ("socialInsurance", "2024-01-01", State.UNTRUSTED_ISSUER, None),
        ("utoVisa", "2024-01-01", State.UNTRUSTED_ISSUER, None),
    ],
)
def test_seals_of_another_implementation_are_judged_right(
    name: str, at: str, state: State, kind: str | None
) -> None:
    when = When(int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000))
    ders = [path.read_bytes() for path in sorted((DATA / "tsenger").glob("*.crt"))]
    known = Knowledge((trust.of_certificates(ders, when.at_ms),))
    seals = json.loads((DATA / "seals.json").read_text("utf-8"))
    verdict = engine.judge(seals[name], known, when)
    assert verdict.state is state
    assert kind in (None, verdict.document_type)
