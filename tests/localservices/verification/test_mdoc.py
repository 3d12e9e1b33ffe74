"""Mobile documents: what the issuer signed is believed, what was changed is not."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine, trust, trust_files
from localservices.verification.formats.mdoc import judge_response
from localservices.verification.formats.mdoc_device import Session
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import TrustList
from localservices.verification.trust_files import TrustFileError
from localservices.verification.verdict import Check, Reason, State

DATA = Path(__file__).parents[4] / "shared" / "data" / "mdoc"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


ANNEX_D = When(ms("2021-01-01"))  # its document is valid from October 2020 for a year


def annex(name: str) -> bytes:
    told = json.loads((DATA / "iso18013-5-annexD.json").read_text("utf-8"))
    return bytes.fromhex(told[f"ISO_18013_5_ANNEX_D_{name}"])


def trusting(*ders: bytes, when: When = ANNEX_D) -> Knowledge:
    return Knowledge((trust.of_certificates(ders, when.at_ms),))


def a_session(reader_key: str = "EPHEMERAL_READER_KEY_D") -> Session:
    number = int.from_bytes(annex(reader_key), "big")
    key = ec.derive_private_key(number, ec.SECP256R1())
    return Session(annex("SESSION_TRANSCRIPT_BYTES"), key)


@needs_data
def test_the_standard_s_own_licence_is_genuine_and_on_the_device_that_shows_it() -> None:
    response, known = annex("DEVICE_RESPONSE"), trusting(annex("DS_CERT"))
    verdict = engine.judge(response.hex(), known, ANNEX_D)
    assert (verdict.state, verdict.document_type) == (State.HOLDER_UNBOUND, "driving_licence")
    claims = dict(verdict.claims)
    assert claims["name"] == "Doe"
    assert claims["number"] == "123456789"
    bound = judge_response(response, known, ANNEX_D, a_session())
    assert (bound.state, Check.HOLDER in bound.checks) == (State.VALID, True)


@needs_data
def test_another_session_s_answer_is_not_taken() -> None:
    response, known = annex("DEVICE_RESPONSE"), trusting(annex("DS_CERT"))
    other = a_session("EPHEMERAL_DEVICE_KEY_D")
    assert judge_response(response, known, ANNEX_D, other).reason is Reason.HOLDER_PROOF


@needs_data
def test_its_times_and_its_signer_are_looked_at() -> None:
    text, known = annex("DEVICE_RESPONSE").hex(), trusting(annex("DS_CERT"))
    assert engine.judge(text, known, When(ms("2020-10-01"))).state is State.NOT_YET_VALID
    assert engine.judge(text, known, When(ms("2021-10-02"))).state is State.EXPIRED
    assert engine.judge(text, known, When(ms("2021-02-01"))).state is State.HOLDER_UNBOUND
    nobody = Knowledge((TrustList(made_at_ms=ANNEX_D.at_ms),))
    assert engine.judge(text, nobody, ANNEX_D).state is State.UNTRUSTED_ISSUER


@needs_data
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_no_flipped_bit_of_what_was_signed_is_believed() -> None:
    response, known = annex("DEVICE_RESPONSE"), trusting(annex("DS_CERT"))
    genuine = judge_response(response, known, ANNEX_D, a_session())
    believed, chance = [], Random(1)
    for place in range(len(response)):
        spoiled = bytearray(response)
        spoiled[place] ^= 1 << chance.randrange(8)
        verdict = judge_response(bytes(spoiled), known, ANNEX_D, a_session())
        assert verdict.reason is not Reason.UNFORESEEN
        if verdict.state is State.VALID:
            assert verdict.claims == genuine.claims
            believed.append(place)
    # What nobody signed: the response's version and status, and what is read but not used.
    assert len(believed) < 40


@needs_data
def test_documents_of_another_implementation_are_judged_right() -> None:
    told = json.loads((DATA / "auth0-lab" / "example_example1.tests.json").read_text("utf-8"))
    pem = trust_files.read(DATA / "auth0-lab" / "issuer.pem")
    when = When(ms("2023-10-01"))
    known = Knowledge((TrustList(pem.by_kid, when.at_ms),))
    [data] = map(bytes.fromhex, told["hex"]["deviceResponse"])
    [transcript] = map(bytes.fromhex, told["hex"]["encodedSessionTranscript"])
    verdict = judge_response(data, known, when)
    assert (verdict.state, verdict.reason) == (State.HOLDER_UNBOUND, Reason.HOLDER_ABSENT)
    assert verdict.document_type == "driving_licence"
    assert (dict(verdict.claims)["name"], verdict.issuer) == ("Smith John", "NY DMV")
    bound = judge_response(data, known, when, Session(transcript))
    assert (bound.state, Check.HOLDER in bound.checks) == (State.VALID, True)
    other = judge_response(data, known, when, Session(annex("SESSION_TRANSCRIPT_BYTES")))
    assert (other.state, other.reason) == (State.TAMPERED, Reason.HOLDER_PROOF)


@needs_data
def test_a_vical_says_who_may_vouch_for_which_documents(tmp_path: Path) -> None:
    [path] = (DATA / "vical" / "rdw").iterdir()
    found = trust_files.read(path)
    assert len(found.certificates) + found.spoiled == 44  # of 45 one stands there twice
    assert found.made_at_ms == ms("2025-02-25")
    assert found.serves("mdoc")
    assert not found.serves("hcert")
    assert any("org.iso.18013.5.1.mDL" in (one.document_types or ()) for one in found.certificates)
    data = bytearray(path.read_bytes())
    data[20_000] ^= 1
    (tmp_path / "spoiled").write_bytes(data)
    with pytest.raises(TrustFileError):
        trust_files.read(tmp_path / "spoiled")


@needs_data
def test_who_may_not_vouch_for_licences_vouches_for_none() -> None:
    known = trusting(annex("DS_CERT"))
    [signer] = known.lists[0].certificates
    for kinds, state in (
        ({"org.iso.18013.5.1.mDL"}, State.HOLDER_UNBOUND),
        ({"eu.europa.ec.eudi.pid.1"}, State.WRONG_KEY_USAGE),
    ):
        limited = replace(signer, document_types=frozenset(kinds))
        lists = (TrustList({signer.kid: (limited,)}, ANNEX_D.at_ms),)
        assert (
            engine.judge(annex("DEVICE_RESPONSE").hex(), Knowledge(lists), ANNEX_D).state is state
        )


@given(st.binary(max_size=300))
def test_any_bytes_are_a_verdict(data: bytes) -> None:
    for one in (data, b"\xa1\x69documents\x81" + data, b"\xa1\x6aissuerAuth" + data):
        verdict = engine.judge(one.hex(), Knowledge(), ANNEX_D)
        assert verdict.state not in (State.VALID, State.HOLDER_UNBOUND)
        assert verdict.reason is not Reason.UNFORESEEN


def test_a_telephone_s_greeting_is_no_document() -> None:
    verdict = engine.judge("mdoc:owBjMS4wAYIB2BhYS6QB", Knowledge(), ANNEX_D)
    assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.ENGAGEMENT)
