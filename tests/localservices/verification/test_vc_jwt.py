"""W3C credentials in a JWT: who signed, from when to when, and whether they still stand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine
from localservices.verification.formats import jose
from localservices.verification.knowledge import Knowledge
from localservices.verification.status import StatusList
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.authorities import jwt
from tests.localservices.verification.test_sdjwt import (
    ISSUER,
    JSON_VALUES,
    KEY,
    NOW,
    NOW_S,
    OWN,
    known,
)

DATA = Path(__file__).parents[4] / "shared" / "data" / "vc-jwt" / "waltid-cli" / "vc"
# What the did:key of the samples says: base58 of 0xED01 and these 32 bytes.
WALT = "did:key:z6Mkp7AVwvWxnsNDuSSbf19sgKzrx223WY95AqZyAGifFVyV"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
STATUS = "https://status.example/2"


def did_key(did: str) -> ed25519.Ed25519PublicKey:
    number = 0
    for char in did.removeprefix("did:key:z"):
        number = number * 58 + _BASE58.index(char)
    return ed25519.Ed25519PublicKey.from_public_bytes(number.to_bytes(34, "big")[2:])


def a_credential(vc: dict[str, Any] | None = None, **claims: Any) -> dict[str, Any]:
    credential = {
        "type": ["VerifiableCredential", "ResidencePermit"],
        "credentialSubject": {"familyName": "Лисенко", "dateOfBirth": "1987-06-21"},
    } | (vc or {})
    plain = {"iss": ISSUER, "nbf": NOW_S - 60, "exp": NOW_S + 60, "vc": credential}
    return plain | claims


def issued(vc: dict[str, Any] | None = None, **claims: Any) -> str:
    return jwt(KEY, a_credential(vc, **claims), "JWT")


def judged(text: str, knowledge: Knowledge | None = None) -> Verdict:
    return engine.judge(text, knowledge or known(), NOW)


def test_a_genuine_credential_shows_whose_it_is() -> None:
    verdict = judged(issued())
    assert (verdict.state, verdict.issuer) == (State.VALID, ISSUER)
    claims = dict(verdict.claims)
    assert (claims["name"], claims["birth"]) == ("Лисенко", "1987-06-21")
    assert claims["kind"] == "ResidencePermit"


def test_its_own_times_count_beside_those_of_the_token() -> None:
    assert judged(issued(exp=NOW_S)).state is State.EXPIRED
    assert judged(issued({"expirationDate": "2026-11-23T00:00:00Z"})).state is State.EXPIRED
    assert judged(issued({"validFrom": "2030-01-01T00:00:00Z"})).state is State.NOT_YET_VALID
    assert judged(issued({"validUntil": "soon"})).reason is Reason.SCHEMA


def test_a_token_that_is_no_credential_is_none() -> None:
    assert judged(issued(vc={"type": ["Something"]})).reason is Reason.SCHEMA
    assert judged(jwt(KEY, {"iss": ISSUER}, "at+jwt")).state is State.UNSUPPORTED
    none = issued().split(".")
    none[0] = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    assert judged(".".join(none)).state is State.UNSUPPORTED


def test_it_is_revoked_or_suspended_by_the_lists_that_it_names() -> None:
    def state(revoked: int, suspended: int) -> State:
        lists = {
            f"{STATUS}-{purpose}": StatusList(
                None, 1, bytes([bits]), False, purpose, NOW.at_ms, by=OWN
            )
            for purpose, bits in (("revocation", revoked), ("suspension", suspended))
        }
        entries = [
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "1",
                "statusListCredential": f"{STATUS}-{purpose}",
            }
            for purpose in ("revocation", "suspension", "message")
        ]
        return judged(issued({"credentialStatus": entries}), known(status=lists.get)).state

    assert state(0, 0) is State.VALID
    assert state(0b0100_0000, 0) is State.REVOKED
    assert state(0, 0b0100_0000) is State.SUSPENDED
    absent = {
        "type": "StatusList2021Entry",
        "statusListIndex": "1",
        "statusListCredential": STATUS,
    }
    assert judged(issued({"credentialStatus": absent})).state is State.STATUS_UNKNOWN


def test_a_token_status_list_counts_as_well() -> None:
    found = StatusList(STATUS, 1, b"\x02", True, None, NOW.at_ms, by=OWN)
    text = issued(status={"status_list": {"idx": 1, "uri": STATUS}})
    assert judged(text, known(status=lambda _: found)).state is State.REVOKED


def test_no_flipped_bit_is_believed() -> None:
    text = issued()
    for place in range(len(text)):
        for bit in range(7):
            spoiled = text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]
            verdict = judged(spoiled)
            assert verdict.state is not State.VALID, (place, bit)
            assert verdict.reason is not Reason.UNFORESEEN


@given(JSON_VALUES)
def test_any_signed_credential_is_a_verdict(value: Any) -> None:
    for text in (issued(vc={"credentialSubject": value, "type": value}), issued(exp=value)):
        assert judged(text).reason is not Reason.UNFORESEEN


@given(st.text(max_size=100))
def test_any_text_is_a_verdict(text: str) -> None:
    assert judged(f"eyJ{text}.a.b").reason is not Reason.UNFORESEEN


@pytest.mark.parametrize("form", [str, lambda name: {"id": name, "name": "Office"}])
@pytest.mark.parametrize("place", ["vc", "claims"])
def test_the_credential_and_its_token_name_one_issuer(
    form: Callable[[str], object], place: str
) -> None:
    def told(**claims: Any) -> Verdict:
        plain = a_credential()
        credential = plain | plain.pop("vc")  # data model 2.0: the claims are the credential
        if place == "vc":
            return judged(issued({"issuer": claims.pop("issuer")}, **claims))
        return judged(jwt(KEY, credential | claims, "vc+jwt"))

    assert told(issuer=form(ISSUER)).state is State.VALID
    other = told(issuer=form("https://other.example"))
    assert (other.state, other.reason) == (State.MALFORMED, Reason.SCHEMA)
    assert (other.issuer, other.details) == (ISSUER, {"field": "issuer"})
    assert told(issuer={"name": "Office"}).state is State.MALFORMED


def test_a_token_that_names_no_issuer_is_of_the_one_in_the_credential() -> None:
    plain = a_credential({"issuer": ISSUER})
    del plain["iss"]
    assert judged(jwt(KEY, plain, "JWT")).issuer == ISSUER
    assert judged(jwt(KEY, plain, "JWT")).state is State.VALID
    plain["vc"]["issuer"] = "https://other.example"
    assert judged(jwt(KEY, plain, "JWT")).state is State.UNTRUSTED_ISSUER


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("when", ["signed", "expired.signed"])
def test_another_implementation_s_samples_are_genuine_and_contradict_themselves(when: str) -> None:
    """Their publisher counts them as good.

    Their tokens say ``iss`` did:key:..., whose key signed them; their credentials say that
    did:example:123 issued them. Whoever believed that would show staff an issuer who never signed.
    """
    text = (DATA / f"openbadgecredential_sample.{when}.json").read_text("utf-8")
    assert jose.is_signed_by(jose.read(text.strip()), did_key(WALT))
    lists = (TrustList(made_at_ms=NOW.at_ms, keys=(IssuerKey(did_key(WALT), WALT),)),)
    verdict = engine.judge(text, Knowledge(lists), NOW)
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.SCHEMA)
    assert (verdict.details, verdict.issuer) == ({"field": "issuer"}, WALT)
    assert Check.SIGNATURE in verdict.checks
    strangers = Knowledge((TrustList(made_at_ms=NOW.at_ms),))
    assert engine.judge(text, strangers, NOW).state is State.UNTRUSTED_ISSUER


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("name", ["openbadgecredential", "verifiable_educational_id"])
def test_a_credential_that_nobody_signed_is_no_document(name: str) -> None:
    verdict = judged((DATA / f"{name}_sample.json").read_text("utf-8"))
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.FORMAT)
