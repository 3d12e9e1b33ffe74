"""Our own eDocument: any node verifies any other's with no link, and nobody else's."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from localservices.verification import engine, trust
from localservices.verification.formats import packing
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.status import StatusList
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Check, Reason, State, Verdict
from provisioning import authority
from sync.wire import base45, delegation
from sync.wire.delegation import Delegation
from sync.wire.edocument import CODE_CHARS_MAX, Mandate, Person, Term, issue

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
NOW_MS, DAY_S = NOW_S * 1000, 24 * 3600
DATA = Path(__file__).parents[4] / "shared" / "data" / "claim169"


class Country:
    """An authority and one of its nodes."""

    def __init__(self) -> None:
        issuing = authority.new_issuing(authority.new_root(NOW), NOW)
        self.der = issuing.certificate.public_bytes(Encoding.DER)
        self.key = Ed25519PrivateKey.generate()
        self.word = self.delegate(issuing.key, NOW_S - DAY_S, NOW_S + 365 * DAY_S)
        self.late = self.delegate(issuing.key, NOW_S + DAY_S, NOW_S + 365 * DAY_S)

    def delegate(self, key: ec.EllipticCurvePrivateKey, begin_s: int, end_s: int) -> bytes:
        word = Delegation("kharkiv-07", self.key.public_key(), begin_s, end_s)
        return delegation.sign(word, self.der, key)

    @property
    def trusted(self) -> TrustList:
        return trust.of_certificates([self.der], NOW_MS)


HOME, ABROAD = Country(), Country()
PERSON = Person(
    number="kharkiv-07-039f4d-1-104-2",
    name="Володимиренко-Коваленко Олександра Володимирівна",
    born_on="1987-06-21",
    sex="f",
    nationality="UKR",
    legal_status="IDP",
)
TERM = Term(NOW_S, NOW_S + 7 * DAY_S, ("nz:kharkiv-07-039f4d", 104))


def a_list(status: int = 0) -> StatusList:
    """All stand but the 104th."""
    data = bytearray(20)
    data[104 // 8] = status << 104 % 8
    return StatusList("nz:kharkiv-07-039f4d", 1, bytes(data), True, made_at_ms=NOW_MS, by=None)


def known(country: Country = HOME, status: StatusList | None = None) -> Knowledge:
    return Knowledge((country.trusted,), status=lambda _: status or a_list())


def judged(text: str, knowledge: Knowledge | None = None, at_s: int = NOW_S) -> Verdict:
    return engine.judge(text, knowledge or known(), When(at_s * 1000))


def issued(word: bytes | None = None, term: Term = TERM, person: Person = PERSON) -> str:
    return issue(person, term, Mandate(HOME.key, word or HOME.word))


def test_another_node_of_the_authority_verifies_it_and_sees_whose_it_is() -> None:
    verdict = judged(issued())
    assert (verdict.state, verdict.issuer) == (State.VALID, "kharkiv-07")
    claims = dict(verdict.claims)
    assert claims["name"] == PERSON.name
    assert (claims["birth"], claims["sex"]) == ("1987-06-21", "female")
    assert Check.STATUS in verdict.checks


def test_with_a_long_cyrillic_name_it_fits_into_a_qr_code_of_version_22() -> None:
    assert len(issued()) <= CODE_CHARS_MAX


def test_a_small_picture_may_be_inside() -> None:
    text = issued(person=replace(PERSON, face=bytes(range(200))))
    assert judged(text).state is State.VALID
    assert len(text) <= CODE_CHARS_MAX


def test_who_does_not_know_the_authority_calls_nobody_a_forger() -> None:
    assert judged(issued(), known(ABROAD)).state is State.UNTRUSTED_ISSUER
    assert judged(issued(), Knowledge()).state is State.ISSUER_UNKNOWN_STALE


def test_a_node_without_the_authority_s_word_issues_nothing() -> None:
    stranger = issue(PERSON, TERM, Mandate(ABROAD.key, HOME.word))
    assert judged(stranger).state is State.TAMPERED


def test_a_word_of_another_authority_under_our_authority_s_name_is_a_forgery() -> None:
    protected, _, payload, _ = cbor2.loads(HOME.word)
    mark = cbor2.loads(ABROAD.word)[3]
    assert judged(issued(cbor2.dumps([protected, {}, payload, mark]))).state is State.TAMPERED


def test_what_was_issued_before_the_node_was_entitled_is_not_accepted() -> None:
    verdict = judged(issued(HOME.late))
    assert (verdict.state, verdict.reason) == (State.WRONG_KEY_USAGE, Reason.DELEGATION_TIME)


def test_it_ends_when_it_says() -> None:
    assert judged(issued(), at_s=TERM.until_s - 1).state is State.VALID
    assert judged(issued(), at_s=TERM.until_s).state is State.EXPIRED
    assert judged(issued(), at_s=NOW_S - 1).state is State.NOT_YET_VALID


def test_it_can_be_revoked_and_without_the_list_nobody_knows() -> None:
    assert judged(issued(), known(status=a_list(1))).state is State.REVOKED
    nothing = Knowledge((HOME.trusted,))
    assert judged(issued(), nothing).state is State.STATUS_UNKNOWN
    assert judged(issued(term=replace(TERM, status=None)), nothing).state is State.VALID


def test_a_place_that_the_list_lacks_is_no_standing() -> None:
    for place in (160, -1):
        text = issued(term=replace(TERM, status=("nz:kharkiv-07-039f4d", place)))
        assert judged(text).reason is Reason.STATUS_INDEX


def test_no_flipped_bit_is_believed() -> None:
    body = packing.unpacked(issued(), "NZ1:")
    for place in range(8 * len(body)):
        spoiled = bytearray(body)
        spoiled[place // 8] ^= 1 << place % 8
        assert judged(_packed(bytes(spoiled))).state is not State.VALID, place


@settings(max_examples=300)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_verdict(data: bytes) -> None:
    for text in ("NZ1:" + base45.encode(data), _packed(data)):
        verdict = judged(text)
        assert verdict.state is not State.VALID
        assert verdict.reason is not Reason.UNFORESEEN


def _packed(body: bytes) -> str:
    return "NZ1:" + base45.encode(zlib.compress(body))


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.json")), ids=lambda path: path.stem)
def test_mosip_s_examples_are_read(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    keys: tuple[IssuerKey, ...] = ()
    if (given_key := case.get("signing_key")) is not None:
        point = bytes.fromhex(given_key["public_key_hex"])
        keys = (IssuerKey(_p256(point), case["expected_cwt_meta"]["issuer"]),)

    def told(*keys: IssuerKey) -> Verdict:
        lists = (TrustList(made_at_ms=NOW_MS, keys=keys),)
        return engine.judge(case["qr_data"], Knowledge(lists), When(NOW_MS))

    verdict = told(*keys)
    if "expected_error" in case:
        assert verdict.state is State.MALFORMED
    elif keys:
        assert verdict.state is State.VALID
        assert dict(verdict.claims)["name"] == case["expected_claim169"]["fullName"]
        ended = replace(keys[0], not_after_ms=NOW_MS - 1)
        assert told(ended).state is State.ISSUER_EXPIRED
        assert told(ended, *keys).state is State.VALID
    else:  # their signatures were taken out
        assert verdict.state is State.UNTRUSTED_ISSUER
        assert verdict.issuer == case["expected_cwt_meta"]["issuer"]


def _p256(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


@pytest.mark.parametrize(
    ("seen", "told"), [("", "only_said"), ("Паспорт 001234567", "Паспорт 001234567")]
)
def test_it_says_by_what_the_issuer_knew_the_person(seen: str, told: str) -> None:
    assert dict(judged(issued(person=replace(PERSON, seen=seen))).claims)["seen"] == told
