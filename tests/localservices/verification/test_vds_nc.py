"""VDS-NC: proofs in JSON, believed if an authority on the list vouches for who signed them."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import canonical_json, engine
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS
from tests.localservices.verification.states import VDS_NC, Authority
from tests.localservices.verification.written_out import a_key

WHEN = When(NOW_MS)
STATE = Authority()
KEY = ec.generate_private_key(ec.SECP256R1())
SIGNER = STATE.certify("BC", KEY, usages=(VDS_NC,))
PERSON = {"n": "LYSENKO  OKSANA", "dob": "1987-06-21", "sex": "F", "i": "FA1234567"}
DOSE = {"dvc": "2026-09-01", "seq": 2, "ctr": "UKR", "adm": "Лікарня", "lot": "X1"}
VACCINATION = {
    "hdr": {"t": "icao.vacc", "v": 1, "is": "UKR"},
    "msg": {
        "uvci": "U1",
        "pid": PERSON,
        "ve": [
            {"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": [DOSE, DOSE | {"seq": 1}]}
        ],
    },
}
TEST = {
    "hdr": {"t": "icao.test", "v": 1, "is": "UKR"},
    "msg": {
        "ucti": "T1",
        "pid": PERSON,
        "sp": {"spn": "Lab", "ctr": "UKR"},
        "dat": {"sc": "2026-11-22T10:00:00Z", "ri": "2026-11-22T12:00:00Z"},
        "tr": {"tc": "molecular(PCR)", "r": "negative"},
    },
}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def issued(data: Any, certificate: bytes = SIGNER, alg: str = "ES256") -> str:
    try:
        signed = canonical_json.encoded(data)
    except ValueError:
        signed = b""
    r, s = decode_dss_signature(KEY.sign(signed, ec.ECDSA(SHA256())))
    mark = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    sig = {"alg": alg, "cer": encoded(certificate), "sigvl": mark}
    return json.dumps({"data": data, "sig": sig})


def judged(text: str, known: Knowledge | None = None, when: When = WHEN) -> Verdict:
    return engine.judge(text, STATE.known if known is None else known, when)


def test_a_proof_of_vaccination_is_genuine_and_tells_the_last_dose() -> None:
    verdict = judged(issued(VACCINATION))
    assert (verdict.state, verdict.document_type) == (State.VALID, "vaccination")
    assert dict(verdict.claims) == {
        "name": "LYSENKO OKSANA",
        "birth": "1987-06-21",
        "sex": "female",
        "number": "FA1234567",
        "vaccine": "Comirnaty",
        "doses": "2",
        "vaccinated": "2026-09-01",
        "country": "UKR",
    }


def test_a_proof_of_testing_is_genuine_and_tells_the_result() -> None:
    verdict = judged(issued(TEST))
    assert (verdict.state, verdict.document_type) == (State.VALID, "test")
    assert dict(verdict.claims)["result"] == "negative"


def test_the_order_and_the_spaces_of_what_was_signed_do_not_matter() -> None:
    told = json.loads(issued(VACCINATION))
    told["data"] = {"msg": told["data"]["msg"], "hdr": told["data"]["hdr"]}
    assert judged(json.dumps(told, indent=2, ensure_ascii=False)).state is State.VALID


def test_an_authority_whose_curve_is_written_out_vouches_all_the_same() -> None:
    key = ec.generate_private_key(ec.BrainpoolP384R1())
    state = Authority(key, a_key(key.public_key()))
    text = issued(TEST, state.certify("BC", KEY, usages=(VDS_NC,)))
    assert judged(text, state.known).state is State.VALID


def test_whom_nobody_on_the_list_vouches_for_is_untrusted() -> None:
    stranger = Authority()  # of the same name
    assert judged(issued(TEST, stranger.certify("BC", KEY, usages=(VDS_NC,)))).state is (
        State.UNTRUSTED_ISSUER
    )


def test_one_on_the_list_who_is_no_authority_may_certify_nobody() -> None:
    no_authority = Authority(is_authority=False)
    text = issued(TEST, no_authority.certify("BC", KEY, usages=(VDS_NC,)))
    assert judged(text, no_authority.known).state is State.WRONG_KEY_USAGE


def test_who_may_sign_passports_signs_no_proofs() -> None:
    verdict = judged(issued(TEST, STATE.certify("DS", KEY)))
    assert (verdict.state, verdict.reason) == (State.WRONG_KEY_USAGE, Reason.KEY_USAGE)


def test_a_signer_whose_certificate_has_ended_is_said_to_have() -> None:
    ended = STATE.certify("BC", KEY, usages=(VDS_NC,), ends=NOW - DAY)
    assert judged(issued(TEST, ended)).state is State.ISSUER_EXPIRED


def test_a_genuine_proof_of_an_unknown_type_is_called_just_that() -> None:
    for header in ({"t": "icao.other", "v": 1, "is": "UKR"}, {"t": "icao.test", "v": 9, "is": "U"}):
        verdict = judged(issued(TEST | {"hdr": header}))
        assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.KIND)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"sigvl"', Reason.JSON),
        ('{"data":' * 3_000 + '"sigvl"', Reason.TOO_LONG),
        ('{"a":' * 2_000 + '"sigvl"', Reason.JSON),
        (issued(TEST | {"n": 0.5}), Reason.JSON),
        (issued(TEST | {"n": 2**53}), Reason.JSON),
        (issued(TEST, b""), Reason.CHAIN),
        (issued(TEST, b"\x30\x84\xff\xff\xff\xff"), Reason.CHAIN),
        (issued(TEST, alg="none"), Reason.ALGORITHM),
        (issued(TEST | {"msg": {}}), Reason.SCHEMA),
        (issued(VACCINATION | {"msg": {"pid": PERSON, "ve": [{"vd": []}]}}), Reason.SCHEMA),
        (issued(VACCINATION | {"msg": {"pid": PERSON, "ve": 7}}), Reason.SCHEMA),
        (issued(TEST).replace('"is": "UKR"', '"is": "UKR", "is": "POL"'), Reason.JSON),
    ],
)
def test_what_is_no_proof_says_why(text: str, reason: Reason) -> None:
    verdict = judged(text)
    assert (verdict.reason, Check.CONTENT in verdict.checks) == (reason, False)


def test_no_flipped_bit_of_a_proof_is_believed() -> None:
    text = json.dumps(json.loads(issued(TEST)), separators=(",", ":")).encode()
    for place in range(len(text)):
        for bit in (place % 7, (place + 3) % 7):
            spoiled = bytearray(text)
            spoiled[place] ^= 1 << bit
            verdict = judged(spoiled.decode())
            assert verdict.reason is not Reason.UNFORESEEN
            assert verdict.state not in (State.VALID, State.SCHEMA_WARNING), (place, bit)


def test_the_canonical_form_is_that_of_the_rfc() -> None:
    """RFC 8785 section 3.2.3 sorts by UTF-16; section 3.2.2.2 escapes what must be."""
    told = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    order = list(json.loads(canonical_json.encoded(told)))
    assert order == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    text = canonical_json.encoded({"b": '€$\x0f\nA\'B"\\\\"/', "a": [True, None, -5]})
    assert text == '{"a":[true,null,-5],"b":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(VALUES)
def test_the_canonical_form_says_the_same_and_is_one(value: Any) -> None:
    text = canonical_json.encoded(value)
    assert json.loads(text) == value
    assert canonical_json.encoded(json.loads(text)) == text
