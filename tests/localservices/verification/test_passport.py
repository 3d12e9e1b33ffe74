"""Passports' chips: what the state signed is believed; that it is the chip's own is not proved."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.issuing import DAY, NOW_MS
from tests.localservices.verification.passports import (
    MASTER_LIST,
    Passports,
    Signer,
    a_group_1,
    a_security_object,
    a_state,
    a_zone,
    der,
)
from tests.localservices.verification.states import Authority
from tests.localservices.verification.written_out import a_key

WHEN = When(NOW_MS)
ISSUER = Passports()
TEXT = ISSUER.text()
DAY_MS = int(DAY.total_seconds()) * 1000


def judged(text: str, known: Knowledge | None = None, when: When = WHEN) -> Verdict:
    return engine.judge(text, ISSUER.state.known if known is None else known, when)


def test_a_genuine_chip_s_data_are_believed_and_not_that_it_is_no_copy() -> None:
    verdict = judged(TEXT)
    assert (verdict.state, verdict.reason) == (State.HOLDER_UNBOUND, Reason.CHIP_UNPROVEN)
    assert (verdict.document_type, verdict.issuer) == ("passport", "UA")
    assert dict(verdict.claims) == {
        "name": "LYSENKO OKSANA IVANIVNA",
        "birth": "1987-06-21",
        "sex": "female",
        "number": "FA1234567",
        "nationality": "UKR",
    }
    assert Check.HOLDER not in verdict.checks


@pytest.mark.parametrize("is_pss", [True, False], ids=["PSS", "PKCS1"])
def test_a_signer_with_an_rsa_key_is_one(is_pss: bool) -> None:
    issuer = Passports(key=rsa.generate_private_key(65537, 2048), is_pss=is_pss)
    assert judged(issuer.text(), issuer.state.known).state is State.HOLDER_UNBOUND


def test_an_authority_with_an_rsa_key_is_one() -> None:
    issuer = Passports(state=Authority(rsa.generate_private_key(65537, 3072)))
    assert judged(issuer.text(), issuer.state.known).state is State.HOLDER_UNBOUND


def test_what_has_ended_by_its_own_zone_is_expired() -> None:
    issuer = Passports(expires="261122")
    assert judged(issuer.text(), issuer.state.known).state is State.EXPIRED
    late = When(NOW_MS + 301 * DAY_MS)
    known = Knowledge((replace(ISSUER.state.known.lists[0], made_at_ms=late.at_ms),))
    assert judged(TEXT, known, late).state is State.ISSUER_EXPIRED


def test_a_forger_who_chose_the_generator_is_no_authority() -> None:
    """CVE-2020-0601: the public key is the true authority's, the private one is 1."""
    true = ISSUER.state
    assert isinstance(true.key, ec.EllipticCurvePrivateKey)
    numbers = true.key.public_key().public_numbers()
    spoiled = Authority(true.key, a_key(true.key.public_key(), x=numbers.x, y=numbers.y))
    assert spoiled.known.lists[0].spoiled == 1
    assert judged(TEXT, spoiled.known).state is State.UNTRUSTED_ISSUER


def test_whom_no_authority_vouches_for_is_untrusted() -> None:
    nobody = Knowledge((TrustList(made_at_ms=NOW_MS),))
    for known in (nobody, a_state().known):
        assert judged(TEXT, known).state is State.UNTRUSTED_ISSUER


def test_what_another_key_signed_is_tampered_with() -> None:
    forger = replace(ISSUER.signer, key=ec.generate_private_key(ec.SECP256R1()))
    sod = der(0x77, forger.message(a_security_object(ISSUER.groups)))
    verdict = judged(ISSUER.text(sod))
    assert (verdict.state, verdict.reason) == (State.TAMPERED, Reason.SIGNATURE)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_group_that_was_not_signed_so_is_tampered_with(number: int) -> None:
    groups = ISSUER.groups | {number: a_group_1(a_zone(number="FB7654321"))}
    verdict = judged(ISSUER.text(groups=groups))
    assert (verdict.state, verdict.reason) == (State.TAMPERED, Reason.DISCLOSURE)
    assert verdict.claims == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": {"message_digest": bytes(32)}},
        {"attributes": {"content_type": MASTER_LIST}},
    ],
    ids=["digest", "type"],
)
def test_signed_attributes_that_are_of_something_else_are_tampered_with(changes: Any) -> None:
    assert judged(ISSUER.text(ISSUER.security_object(**changes))).state is State.TAMPERED


def test_what_lacks_a_signed_attribute_is_no_security_object() -> None:
    for name in ("message_digest", "content_type"):
        sod = ISSUER.security_object(attributes={name: ...})
        assert judged(ISSUER.text(sod)).reason is Reason.CMS
    assert judged(ISSUER.text(ISSUER.security_object(kind=MASTER_LIST))).reason is Reason.CMS


def test_who_signs_other_things_signs_no_passports() -> None:
    lists = Passports(usages=("2.23.136.1.1.3",))
    assert judged(lists.text(), lists.state.known).state is State.WRONG_KEY_USAGE
    issuer = Passports()
    issuer.signer = Signer(issuer.state.key, issuer.state.der)
    assert judged(issuer.text(), issuer.state.known).state is State.WRONG_KEY_USAGE


@pytest.mark.parametrize("as_text", [bytes.hex, lambda data: base64.b64encode(data).decode()])
def test_the_security_object_alone_says_nothing_of_whose_it_is(as_text: Any) -> None:
    for sod in (ISSUER.security_object(), ISSUER.signer.message(a_security_object(ISSUER.groups))):
        verdict = judged(as_text(sod))
        assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.GROUP_ABSENT)
        assert Check.SIGNATURE in verdict.checks


def test_a_slip_that_the_state_signed_is_shown_as_a_departure() -> None:
    issuer = Passports()
    issuer.groups[1] = a_group_1(a_zone()[:44] + "X" + a_zone()[45:])
    verdict = judged(issuer.text(), issuer.state.known)
    assert (verdict.state, verdict.reason) == (State.SCHEMA_WARNING, Reason.SCHEMA)


@pytest.mark.parametrize("group", [b"", b"\x61\x00", der(0x61, b"\x5f\x1f"), a_group_1("P<")])
def test_a_first_group_without_a_zone_is_none(group: bytes) -> None:
    issuer = Passports()
    issuer.groups[1] = group
    assert judged(issuer.text(), issuer.state.known).state is State.MALFORMED


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = b"\x30\x84" + len(data).to_bytes(4, "big") + data
    return data


def many_certificates() -> bytes:
    signer = replace(ISSUER.signer, certificates=(ISSUER.state.der,) * 40)
    return signer.message(a_security_object(ISSUER.groups))


@pytest.mark.parametrize(
    "sod",
    [
        b"",
        b"\x77\x00",
        b"\x77\x84\xff\xff\xff\xff",
        b"\x30\x80" * 2_000,
        nested(3_000),
        many_certificates(),
        bytes(65_537),
        ISSUER.security_object()[:-1],
        ISSUER.security_object() + b"\0",
        der(0x77, ISSUER.signer.message(b"")),
        der(0x77, ISSUER.signer.message(nested(500))),
    ],
    ids=range(11),
)
def test_what_is_no_security_object_is_malformed(sod: bytes) -> None:
    verdict = judged(ISSUER.text(sod))
    assert verdict.state is State.MALFORMED
    assert verdict.reason in (Reason.CMS, Reason.JSON)


@pytest.mark.parametrize(
    "text",
    ['{"sod"', '{"sod": 7}', '{"sod": "d4IF", "dg1": "?"}', '{"sod": "d4IF", "sod": ""}'],
)
def test_what_is_no_sound_json_is_malformed(text: str) -> None:
    assert judged(text).reason in (Reason.JSON, Reason.CMS)


def test_no_flipped_bit_of_a_chip_is_believed() -> None:
    told = {name: base64.b64decode(text) for name, text in json.loads(TEXT).items()}
    believed = []
    for name, data in told.items():
        for place in range(len(data) * 8):
            spoiled = bytearray(data)
            spoiled[place // 8] ^= 1 << place % 8
            files = told | {name: bytes(spoiled)}
            text = {each: base64.b64encode(one).decode() for each, one in files.items()}
            verdict = judged(json.dumps(text))
            assert verdict.reason is not Reason.UNFORESEEN
            if verdict.state in (State.VALID, State.HOLDER_UNBOUND, State.SCHEMA_WARNING):
                assert verdict.claims == judged(TEXT).claims
                believed.append((name, place // 8))
    # What nobody signed: versions, the list of hashes, the issuer's name beside the serial number.
    assert all(name == "sod" for name, _ in believed)
    assert len(set(believed)) <= 60


@given(st.binary(max_size=400))
def test_any_bytes_are_judged(data: bytes) -> None:
    for sod in (data, der(0x77, data), ISSUER.security_object()[:20] + data):
        verdict = judged(ISSUER.text(sod))
        assert verdict.reason is not Reason.UNFORESEEN
        assert verdict.state is State.MALFORMED
