"""What a verdict is worth: old lists and wrong clocks are said, and nobody is called a forger."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest

from localservices.verification import certificates, engine, extensions, trust_files
from localservices.verification.extensions import Extension
from localservices.verification.freshness import STATUS, TRUST, Freshness, Policy
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.trust import TrustList
from localservices.verification.trust_files import TrustFileError
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS, Issuer, a_body, packed

ISSUER, OTHER = Issuer(), Issuer()
DAY_MS = 24 * 3600 * 1000
WHEN = When(NOW_MS)


def known(issuer: Issuer, age_days: int = 0) -> Knowledge:
    return Knowledge((replace(issuer.trusted, made_at_ms=NOW_MS - age_days * DAY_MS),))


def test_a_stranger_to_a_fresh_list_is_untrusted_and_to_an_old_one_only_unknown() -> None:
    text = ISSUER.issue()
    assert engine.judge(text, known(OTHER), WHEN).state is State.UNTRUSTED_ISSUER
    for knowledge in (known(OTHER, age_days=60), Knowledge()):
        verdict = engine.judge(text, knowledge, WHEN)
        assert verdict.state is State.ISSUER_UNKNOWN_STALE


def test_what_is_valid_by_an_old_list_is_said_to_be_so_with_its_age() -> None:
    verdict = engine.judge(ISSUER.issue(), known(ISSUER, age_days=61), WHEN)
    assert (verdict.state, verdict.reason) == (State.STALE_DATA, Reason.TRUST_STALE)
    assert verdict.trust_age_s == 61 * DAY_MS // 1000
    assert engine.judge(ISSUER.issue(), known(ISSUER, age_days=59), WHEN).state is State.VALID


def test_a_forgery_is_one_however_old_the_list_is() -> None:
    as_issuer = {1: -7, 4: certificates.read(ISSUER.der).kid}
    text = packed(OTHER.message(cbor2.dumps({-260: {1: a_body()}}), as_issuer))
    assert engine.judge(text, known(ISSUER, age_days=400), WHEN).state is State.TAMPERED


def test_a_clock_in_1970_makes_no_document_valid_or_early() -> None:
    text = ISSUER.issue()
    verdict = engine.judge(text, known(ISSUER), When(0, passed_ms=NOW_MS))
    assert (verdict.state, verdict.reason) == (State.CLOCK_UNRELIABLE, Reason.CLOCK)
    assert verdict.passed_ms == NOW_MS


def test_what_surely_ended_is_expired_whatever_the_clock_says() -> None:
    late = When(NOW_MS, passed_ms=NOW_MS + 20_000 * DAY_MS)
    assert engine.judge(ISSUER.issue(), known(ISSUER), late).state is State.EXPIRED


def test_a_clock_that_agrees_with_what_has_passed_is_believed() -> None:
    verdict = engine.judge(ISSUER.issue(), known(ISSUER), When(NOW_MS, passed_ms=NOW_MS - 1))
    assert verdict.state is State.VALID


def test_an_old_status_list_is_too_old_to_say_valid_by() -> None:
    found = Verdict(
        State.VALID,
        Reason.VALID,
        "any",
        NOW_MS,
        checks=(Check.STATUS,),
        trust_age_s=0,
        status_age_s=STATUS.stale_s,
    )
    assert engine.weighed(found, Knowledge(), WHEN).reason is Reason.STATUS_STALE
    fresh = replace(found, status_age_s=STATUS.stale_s - 1)
    assert engine.weighed(fresh, Knowledge(), WHEN).state is State.VALID


EXPIRED = int((NOW - DAY).timestamp())
RULE = Extension("recovery", None, NOW_MS - 2 * DAY_MS, NOW_MS, NOW_MS + DAY_MS, "Постанова 1")


def extended(text: str, rule: Extension, when: When = WHEN) -> Verdict:
    return engine.judge(text, replace(known(ISSUER), extensions=(rule,)), when)


def test_a_signed_rule_lets_expired_papers_serve_on_until_its_own_end() -> None:
    text = ISSUER.issue(expires=EXPIRED)
    verdict = extended(text, RULE)
    assert (verdict.state, verdict.details["rule"]) == (State.VALID_EXTENDED, "Постанова 1")
    assert verdict.judged_at_ms == NOW_MS
    for other in (
        replace(RULE, document_type="vaccination"),
        replace(RULE, issuer="PL"),
        replace(RULE, ended_from_ms=NOW_MS - DAY_MS // 2),
        replace(RULE, until_ms=NOW_MS - 1),
    ):
        assert extended(text, other).state is State.EXPIRED


def test_a_rule_extends_no_forgery_and_says_how_old_the_list_is() -> None:
    text = ISSUER.issue(expires=EXPIRED)
    old = replace(known(ISSUER, age_days=61), extensions=(RULE,))
    assert engine.judge(text, old, WHEN).state is State.STALE_DATA
    assert engine.judge(text, replace(known(OTHER), extensions=(RULE,)), WHEN).state is (
        State.UNTRUSTED_ISSUER
    )


def test_rules_are_read_or_refused() -> None:
    told = {
        "document_type": "recovery",
        "ended_from": "2022-02-24",
        "ended_to": "2026-12-31T23:59:59+02:00",
        "until": "2027-03-31",
        "title": "Постанова 1",
    }
    [rule] = extensions.read(json.dumps([told]).encode())
    assert (rule.issuer, rule.ended_from_ms) == (None, 1_645_660_800_000)
    for wrong in (b"{}", b"[1]", json.dumps([told | {"until": "soon"}]).encode()):
        with pytest.raises(ValueError):  # noqa: PT011
            extensions.read(wrong)


def test_an_error_while_judging_is_a_verdict() -> None:
    class Broken:
        FORMAT = "broken"

        def recognises(self, text: str) -> bool:
            return bool(text)

        def judge(self, text: str, known: Knowledge, when: When) -> Verdict:
            raise ZeroDivisionError(text, known, when)

    verdict = engine.judge("anything", Knowledge(), WHEN, (Broken(),))
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.UNFORESEEN)


@pytest.mark.parametrize(
    ("age_days", "freshness"),
    [
        (0, Freshness.FRESH),
        (14, Freshness.AGEING),
        (60, Freshness.STALE),
        (None, Freshness.STALE),
    ],
)
def test_a_list_ages_and_then_is_stale(age_days: int | None, freshness: Freshness) -> None:
    assert TRUST.of(None if age_days is None else age_days * 24 * 3600) is freshness


def test_who_may_vouch_for_what_is_said_by_the_list() -> None:
    elsewhere = replace(ISSUER.trusted, made_at_ms=NOW_MS, purposes=frozenset({"mdoc"}))
    both = Knowledge((elsewhere, TrustList(made_at_ms=NOW_MS, purposes=frozenset({"hcert"}))))
    assert engine.judge(ISSUER.issue(), both, WHEN).state is State.UNTRUSTED_ISSUER


def test_a_list_that_says_how_old_it_may_be_is_held_to_that(tmp_path: Path) -> None:
    told: dict[str, object] = {"ageing_days": 2, "stale_days": 5, "purposes": ["hcert"]}
    told |= {"made_at": (NOW - 5 * DAY).isoformat()}
    told |= {"certificates": [base64.b64encode(ISSUER.der).decode()]}
    path = tmp_path / "strict.json"
    path.write_text(json.dumps(told))
    assert engine.judge(ISSUER.issue(), Knowledge((trust_files.read(path),)), WHEN).state is (
        State.STALE_DATA
    )
    path.write_text(json.dumps(told | {"stale_days": 6}))
    verdict = engine.judge(ISSUER.issue(), Knowledge((trust_files.read(path),)), WHEN)
    assert (verdict.state, verdict.is_ageing) == (State.VALID, True)


def test_of_lists_that_serve_together_the_strictest_policy_holds() -> None:
    lax, strict = Policy(10, 1_000), Policy(20, 100)
    lists = [replace(one.trusted, policy=p) for one, p in ((ISSUER, lax), (OTHER, strict))]
    together = Knowledge(tuple(lists)).policy(Purpose.HCERT)
    assert together == Policy(10, 100)
    assert Knowledge((lists[0], ISSUER.trusted)).policy(Purpose.HCERT) == lax
    assert Knowledge().policy(Purpose.HCERT) == TRUST


@pytest.mark.parametrize("days", [{"ageing_days": 5}, {"ageing_days": 5, "stale_days": 4}])
def test_a_list_that_says_it_wrongly_is_not_taken(days: dict[str, int], tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"certificates": [], **days}))
    with pytest.raises(TrustFileError):
        trust_files.read(path)
