"""SD-JWT credentials: parts are shown by their digests, and only what was signed is believed."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine, jwk
from localservices.verification.formats import jose, sdjwt
from localservices.verification.formats.sdjwt_vc import judge_presentation
from localservices.verification.issuers import Signer
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.status import StatusList
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict
from tests.localservices.verification.authorities import b64, jwt
from tests.localservices.verification.issuing import Issuer

NOW_S = 1_795_435_200
NOW = When(NOW_S * 1000)
ISSUER = "https://issuer.example"
DATA = Path(__file__).parents[4] / "shared" / "data" / "sdjwt"
# RFC 9901, Appendix A.5: the keys of its examples.
RFC_ISSUER = {
    "kty": "EC",
    "crv": "P-256",
    "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
    "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
}


def public(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (b64(side.to_bytes(32, "big")) for side in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def disclosure(*parts: Any) -> str:
    return b64(json.dumps(["salt-" + str(parts[0]), *parts]).encode())


def digest(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


KEY, HOLDER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
OWN = Signer(KEY.public_key()).marks
NAME, BIRTH = disclosure("family_name", "Лисенко"), disclosure("birthdate", "1987-06-21")
PLAIN: dict[str, Any] = {
    "iss": ISSUER,
    "vct": "urn:eudi:pid:1",
    "iat": NOW_S - 60,
    "exp": NOW_S + 60,
    "_sd": [digest(NAME), digest(BIRTH), digest("a decoy")],
}


def issued(disclosures: tuple[str, ...] = (NAME, BIRTH), **claims: Any) -> str:
    payload = {name: value for name, value in (PLAIN | claims).items() if value is not None}
    return "~".join([jwt(KEY, payload, "dc+sd-jwt"), *disclosures, ""])


def known(**more: Any) -> Knowledge:
    keys = (IssuerKey(KEY.public_key(), ISSUER),)
    return Knowledge((TrustList(made_at_ms=NOW.at_ms, keys=keys),), **more)


def judged(text: str, knowledge: Knowledge | None = None) -> Verdict:
    return engine.judge(text, knowledge or known(), NOW)


def test_a_genuine_credential_shows_what_its_holder_disclosed() -> None:
    verdict = judged(issued())
    assert verdict.state is State.VALID
    assert dict(verdict.claims)["name"] == "Лисенко"
    assert dict(judged(issued((BIRTH,))).claims) == {
        "birth": "1987-06-21",
        "kind": "urn:eudi:pid:1",
    }


def test_what_was_not_signed_is_refused() -> None:
    stranger = disclosure("family_name", "Інша")
    assert judged(issued((NAME, stranger))).reason is Reason.DISCLOSURE
    assert judged(issued((NAME, NAME))).reason is Reason.DISCLOSURE
    twice = issued(_sd=[digest(NAME), digest(NAME)], disclosures=(NAME,))
    assert judged(twice).reason is Reason.DISCLOSURE
    over = disclosure("iss", "https://other.example")
    assert judged(issued((over,), _sd=[digest(over)])).reason is Reason.DISCLOSURE
    hidden = disclosure("exp", NOW_S * 2)
    assert judged(issued((hidden,), _sd=[digest(hidden)], exp=None)).reason is Reason.SCHEMA


def test_times_and_issuers_are_as_they_are_on_the_list() -> None:
    assert judged(issued(exp=NOW_S)).state is State.EXPIRED
    assert judged(issued(nbf=NOW_S + 1)).state is State.NOT_YET_VALID
    assert judged(issued(iss="https://other.example")).state is State.UNTRUSTED_ISSUER
    other = IssuerKey(HOLDER.public_key(), ISSUER)
    lists = (TrustList(made_at_ms=NOW.at_ms, keys=(other,)),)
    assert judged(issued(), Knowledge(lists)).state is State.TAMPERED
    late = replace(other, key=KEY.public_key(), not_after_ms=NOW.at_ms - 1)
    lists = (TrustList(made_at_ms=NOW.at_ms, keys=(late,)),)
    assert judged(issued(), Knowledge(lists)).state is State.ISSUER_EXPIRED
    assert judged(issued(exp=NOW_S), Knowledge(lists)).state is State.EXPIRED


def test_who_holds_it_must_be_shown_if_the_issuer_named_a_holder() -> None:
    text = issued(cnf={"jwk": public(HOLDER)})
    assert judged(text).state is State.HOLDER_UNBOUND

    def bound(key: ec.EllipticCurvePrivateKey = HOLDER, **claims: Any) -> str:
        said = {"iat": NOW_S, "aud": "centre", "nonce": "7", "sd_hash": digest(text)} | claims
        return text + jwt(key, said, "kb+jwt")

    verdict = judged(bound())
    assert (verdict.state, Check.HOLDER in verdict.checks) == (State.VALID, True)
    assert judge_presentation(bound(), known(), NOW, "centre", "7").state is State.VALID
    assert judge_presentation(bound(), known(), NOW, "centre", "8").state is State.TAMPERED
    for seconds in (-601, 61):
        assert judged(bound(iat=NOW_S + seconds)).state is State.HOLDER_UNBOUND
    for wrong in (bound(KEY), bound(sd_hash=digest("other")), bound(nonce=None)):
        assert judged(wrong).reason is Reason.HOLDER_PROOF


def test_it_can_be_revoked() -> None:
    text = issued(status={"status_list": {"idx": 9, "uri": "https://status.example/1"}})

    def state(bits: int) -> State:
        found = StatusList(
            "https://status.example/1", 1, bytes([0, bits]), True, None, NOW.at_ms, by=OWN
        )
        return judged(text, known(status=lambda _: found)).state

    assert (state(0), state(2)) == (State.VALID, State.REVOKED)
    assert judged(text).state is State.STATUS_UNKNOWN


def test_no_flipped_bit_is_believed() -> None:
    text = issued(cnf={"jwk": public(HOLDER)})
    for place in range(len(text)):
        for bit in range(7):
            spoiled = text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]
            verdict = judged(spoiled)
            assert verdict.state not in (State.VALID, State.HOLDER_UNBOUND), (place, bit)
            assert verdict.reason is not Reason.UNFORESEEN


@given(st.text(max_size=300))
def test_any_text_is_a_verdict(text: str) -> None:
    for one in (text, f"eyJ{text}~", f'{{"disclosures"{text}', issued() + text):
        assert judged(one).reason is not Reason.UNFORESEEN


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "_sd", "...", "_sd_alg", "iss"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["a", "_sd", "iss", "exp", "cnf", "status"]), JSON_VALUES))
def test_any_signed_object_is_a_verdict(claims: dict[str, Any]) -> None:
    verdict = judged(issued(**claims))
    assert verdict.reason is not Reason.UNFORESEEN


def _rendered() -> list[tuple[str, str]]:
    found = []
    for name in ("rfc9901-rendered.json", "sd-jwt-vc-rendered.json"):
        if (DATA / name).exists():
            cases = json.loads((DATA / name).read_text("utf-8"))
            found += [(f"{case['section']} {n}", case["compact"]) for n, case in enumerate(cases)]
    return found


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not beside this checkout")
def test_the_rfc_s_examples_are_read_and_their_signatures_genuine() -> None:
    key = jwk.read(RFC_ISSUER)
    for name, compact in _rendered():
        presented = sdjwt.read(compact if "~" in compact else compact + "~")
        assert jose.is_signed_by(presented.jws, key), name
        assert "_sd" not in sdjwt.claims_of(presented)[0], name


@pytest.mark.parametrize("typ", ["at+jwt", "statuslist+jwt", "kb+jwt", "JWT", "example+sd-jwt"])
def test_a_token_for_another_purpose_is_no_credential(typ: str) -> None:
    payload = {name: value for name, value in PLAIN.items() if name != "_sd"}
    assert judged(jwt(KEY, payload, typ) + "~").state is State.UNSUPPORTED


def test_a_stranger_is_no_forger_though_others_certificates_are_on_the_list() -> None:
    strangers = replace(Issuer().trusted, made_at_ms=NOW.at_ms)
    assert judged(issued(), Knowledge((strangers,))).state is State.UNTRUSTED_ISSUER


def test_revocation_counts_by_whichever_mechanism_it_is_told() -> None:
    entry = {
        "type": "StatusList2021Entry",
        "statusListCredential": "https://s.example/1",
        "statusListIndex": "1",
    }
    found = StatusList(None, 1, b"\x40", False, "revocation", NOW.at_ms, by=OWN)
    text = issued(credentialStatus=entry)
    assert judged(text, known(status=lambda _: found)).state is State.REVOKED


def test_a_token_without_any_part_beside_it_is_no_sd_jwt() -> None:
    with pytest.raises(DocumentError):
        sdjwt.read(issued().split("~")[0])


def test_what_stays_hidden_in_a_list_leaves_no_hole() -> None:
    shown, hidden = disclosure("DE"), disclosure("FR")
    told = {"_sd_alg": "sha-256", "n": [{"...": digest(shown)}, {"...": digest(hidden)}, "UA"]}
    presented = sdjwt.read(f"{jwt(KEY, told, 'example+sd-jwt')}~{shown}~")
    assert sdjwt.claims_of(presented)[0] == {"n": ["DE", "UA"]}
    with pytest.raises(DocumentError):
        sdjwt.claims_of(replace(presented, disclosures=(disclosure("n", "DE"),)))
