"""Credentials that bring their certificates: the path, the name, and what the key is for."""

from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

import pytest

from localservices.verification import engine, trust
from localservices.verification.knowledge import Knowledge
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.authorities import (
    AUTHORITY,
    Certified,
    Wanted,
    jwt,
    root,
)
from tests.localservices.verification.issuing import DAY
from tests.localservices.verification.issuing import NOW as NOW_TIME
from tests.localservices.verification.test_sdjwt import ISSUER, NOW, PLAIN
from tests.localservices.verification.test_vc_jwt import a_credential

ROOT = root()
LEAF = Wanted(names=(ISSUER,))
ENDED: dict[str, Any] = {"begins": NOW_TIME - 20 * DAY, "ends": NOW_TIME - timedelta(seconds=1)}
CLAIMS = {name: value for name, value in PLAIN.items() if name != "_sd"}


def judged(
    signer: Certified, *above: Certified, listed: Certified = ROOT, **claims: Any
) -> Verdict:
    """Of a credential that shows the signer's certificate and those above it."""
    text = signer.token(CLAIMS | claims, chain=[signer, *above]) + "~"
    return engine.judge(text, trusting(listed), NOW)


def trusting(*listed: Certified) -> Knowledge:
    return Knowledge((trust.of_certificates([one.der for one in listed], NOW.at_ms),))


def test_an_issuer_certified_by_an_authority_on_the_list_is_believed() -> None:
    verdict = judged(ROOT.certify(LEAF))
    assert (verdict.state, verdict.issuer) == (State.VALID, ISSUER)
    assert {Check.ISSUER, Check.SIGNATURE, Check.KEY_USAGE} <= set(verdict.checks)
    stranger = judged(root().certify(LEAF))
    assert (stranger.state, stranger.reason) == (State.UNTRUSTED_ISSUER, Reason.CHAIN)


@pytest.mark.parametrize(
    ("names", "issuer", "state"),
    [
        ((ISSUER,), ISSUER, State.VALID),
        (("issuer.example",), ISSUER, State.VALID),
        (("ISSUER.example",), "https://issuer.example:8443/tenant", State.VALID),
        (("issuer.example",), "dns:issuer.example", State.VALID),
        (("did:web:issuer.example",), "did:web:issuer.example", State.VALID),
        ((), None, State.VALID),  # then the certificate alone says who it is
        ((), ISSUER, State.UNTRUSTED_ISSUER),
        (("https://other.example",), ISSUER, State.UNTRUSTED_ISSUER),
        ((ISSUER,), ISSUER + "/", State.UNTRUSTED_ISSUER),
        (("example",), ISSUER, State.UNTRUSTED_ISSUER),
        (("*.example",), ISSUER, State.UNTRUSTED_ISSUER),
        (("issuer.example",), "http://issuer.example", State.UNTRUSTED_ISSUER),
        (("issuer.example",), "https://[issuer.example", State.UNTRUSTED_ISSUER),
    ],
)
def test_an_issuer_is_whom_its_certificate_names(
    names: tuple[str, ...], issuer: str | None, state: State
) -> None:
    verdict = judged(ROOT.certify(replace(LEAF, names=names)), iss=issuer)
    assert verdict.state is state
    assert (verdict.reason is Reason.ISSUER_NAME) is (state is State.UNTRUSTED_ISSUER)


def test_a_certificate_on_the_list_speaks_for_no_other_issuer_either() -> None:
    own, other = root(replace(LEAF, name="Own")), root(Wanted("Other"))
    text = own.token(CLAIMS) + "~"
    assert engine.judge(text, trusting(own), NOW).state is State.VALID
    text = other.token(CLAIMS) + "~"
    assert engine.judge(text, trusting(other, own), NOW).state is State.TAMPERED
    assert engine.judge(text, trusting(other), NOW).state is State.UNTRUSTED_ISSUER


@pytest.mark.parametrize(("use", "state"), [(None, State.VALID), ("key_agreement", None)])
def test_a_key_that_is_not_for_signing_signs_nothing(use: str | None, state: State | None) -> None:
    verdict = judged(ROOT.certify(replace(LEAF, use=use)))
    assert verdict.state is (state or State.WRONG_KEY_USAGE)
    assert (verdict.reason is Reason.KEY_USAGE) is (state is None)


def test_intermediate_authorities_make_the_path() -> None:
    upper = ROOT.certify(replace(AUTHORITY, name="Upper"))
    lower = upper.certify(replace(AUTHORITY, name="Lower"))
    leaf = lower.certify(LEAF)
    assert judged(leaf, lower, upper).state is State.VALID
    assert judged(leaf, lower, upper, ROOT).state is State.VALID
    assert judged(leaf, lower, listed=upper).state is State.VALID
    for broken in ((upper, lower), (upper,), ()):
        assert judged(leaf, *broken).reason is Reason.CHAIN


@pytest.mark.parametrize(
    "changes",
    [
        {"is_authority": False},
        {"use": "digital_signature"},
        {"limited_to": "issuer.example"},
    ],
)
def test_who_may_not_certify_makes_no_path(changes: dict[str, Any]) -> None:
    middle = ROOT.certify(replace(AUTHORITY, name="Middle", **changes))
    assert judged(middle.certify(LEAF), middle).state is State.WRONG_KEY_USAGE
    anchor = root(replace(AUTHORITY, **changes))
    assert judged(anchor.certify(LEAF), listed=anchor).state is State.WRONG_KEY_USAGE


def test_an_authority_may_have_only_so_many_below_it() -> None:
    anchor = root(replace(AUTHORITY, below=0))
    middle = anchor.certify(replace(AUTHORITY, name="Middle"))
    assert judged(anchor.certify(LEAF), listed=anchor).state is State.VALID
    assert judged(middle.certify(LEAF), middle, listed=anchor).state is State.WRONG_KEY_USAGE


def test_a_path_of_forty_certificates_is_a_verdict_and_a_quick_one() -> None:
    path = [ROOT]
    for number in range(39):
        path.append(path[-1].certify(replace(AUTHORITY, name=f"Authority {number}")))
    leaf = path[-1].certify(LEAF)
    begun = process_time()
    verdict = judged(leaf, *reversed(path))
    assert (verdict.state, verdict.reason) == (State.UNTRUSTED_ISSUER, Reason.CHAIN)
    assert process_time() - begun < 1


def test_an_ended_certificate_is_known_and_ended() -> None:
    ended = judged(ROOT.certify(replace(LEAF, **ENDED)))
    assert (ended.state, ended.reason) == (State.ISSUER_EXPIRED, Reason.ISSUER_EXPIRED)
    anchor = root(replace(AUTHORITY, **ENDED))
    leaf = anchor.certify(LEAF)
    assert judged(leaf, listed=anchor).state is State.ISSUER_EXPIRED
    assert judged(leaf, listed=anchor, exp=1).state is State.EXPIRED
    again = root(AUTHORITY, anchor.key)
    text = leaf.token(CLAIMS, chain=[leaf]) + "~"
    assert engine.judge(text, trusting(anchor, again), NOW).state is State.VALID


@pytest.mark.parametrize("chain", ["", [], [1], ["x"], ["AAAA"], {}, [None] * 40])
def test_any_chain_is_a_verdict(chain: object) -> None:
    verdict = engine.judge(jwt(ROOT.key, CLAIMS, "dc+sd-jwt", x5c=chain) + "~", trusting(ROOT), NOW)
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.CHAIN)


def test_a_credential_of_the_w3c_s_is_held_to_the_same() -> None:
    for names, state in (((ISSUER,), State.VALID), ((), State.UNTRUSTED_ISSUER)):
        leaf = ROOT.certify(replace(LEAF, names=names))
        text = leaf.token(a_credential(), "vc+jwt", [leaf])
        assert engine.judge(text, trusting(ROOT), NOW).state is state
