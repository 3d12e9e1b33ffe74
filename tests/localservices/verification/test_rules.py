"""Countries' rules: the right ones are asked, and what they say never makes a paper a forgery."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import batch, certlogic, certlogic_form, engine, rules, trust
from localservices.verification.formats import dgc
from localservices.verification.formats.hcert import judge
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.rules import Asked, Rules, RulesError
from localservices.verification.verdict import Check, Finding, Outcome, Reason, State
from tests.localservices.verification.issuing import (
    DAY,
    NOW,
    NOW_MS,
    TEST,
    VACCINATION,
    Issuer,
    a_body,
)

ISSUER = Issuer()
COVERED = {
    "if": [
        {"var": "payload.r.0"},
        {
            "not-after": [
                {"plusTime": [{"var": "payload.r.0.df"}, 0, "day"]},
                {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                {"plusTime": [{"var": "payload.r.0.du"}, 0, "day"]},
            ]
        },
        True,
    ]
}
SETS = {
    "disease-agent-targeted": {
        "valueSetId": "disease-agent-targeted",
        "valueSetValues": {"840539006": {"display": "COVID-19", "lang": "en", "active": True}},
    }
}


def a_rule(**changes: Any) -> dict[str, Any]:
    return {
        "Identifier": "RR-UA-0001",
        "Type": "Acceptance",
        "Country": "UA",
        "Version": "1.0.0",
        "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC",
        "EngineVersion": "0.7.5",
        "CertificateType": "Recovery",
        "ValidFrom": (NOW - 30 * DAY).isoformat(),
        "ValidTo": (NOW + 30 * DAY).isoformat(),
        "AffectedFields": ["r.0"],
        "Description": [
            {"lang": "en", "desc": "The recovery must still count."},
            {"lang": "uk", "desc": "Одужання ще має бути чинним."},
        ],
        "Logic": COVERED,
    } | changes


def in_force(*told: Mapping[str, Any], country: str = "UA", sets: object = SETS) -> Rules:
    whole = {"country": country, "rules": told, "valueSets": sets}
    return rules.read(json.dumps(whole).encode())


def asked(**changes: Any) -> Asked:
    return replace(Asked(a_body(), "recovery", "UA", NOW_MS, {}), **changes)


def test_every_case_of_every_country_ends_as_it_says(vectors: Path) -> None:
    folder, count, otherwise = vectors / "dcc-rules", 0, []
    for path in sorted(folder.glob("*/*/tests/*.json")):
        case = json.loads(path.read_text("utf-8"))
        told = json.loads((path.parent.parent / "rule.json").read_text("utf-8"))
        data = {"payload": case["payload"], "external": case["external"]}
        count += 1
        if certlogic.evaluate(told["Logic"], data) is not case["expected"]:
            otherwise.append(path)
    assert otherwise == []
    assert count > 500


def test_every_country_s_rules_are_read_and_chosen_for_its_own_certificates(vectors: Path) -> None:
    folder = vectors / "dcc-rules"
    sets = json.loads((folder / "valueSets.json").read_text("utf-8"))
    for country in ("AT", "CZ", "DE", "ES", "FR", "LU"):
        told = [
            json.loads(path.read_text("utf-8")) for path in folder.glob(f"{country}/*/rule.json")
        ]
        read = in_force(*told, country=country, sets=sets)
        assert [certlogic_form.issues(rule.logic) for rule in read.rules] == [[]] * len(told)
        clock_ms = max(rule.from_ms for rule in read.rules)
        for kind in ("vaccination", "test", "recovery"):
            found = read.chosen(asked(document_type=kind, at_ms=clock_ms))
            assert {rule.certificate_type for rule in found} <= {kind, "general"}
        assert in_force(*told, country="UA").findings(asked(at_ms=clock_ms)) == ()


@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [
        ({}, True),
        ({"CertificateType": "General"}, True),
        ({"CertificateType": "Vaccination"}, False),
        ({"Country": "AT"}, False),
        ({"Type": "Invalidation"}, True),  # the issuer is Ukraine too
        ({"Type": "BoosterNotification"}, False),
        ({"ValidFrom": (NOW + DAY).isoformat()}, False),
        ({"ValidTo": (NOW - DAY).isoformat()}, False),
        ({"ValidTo": NOW.isoformat()}, True),
    ],
)
def test_a_rule_is_asked_where_and_when_it_is_in_force(
    changes: dict[str, Any], is_asked: bool
) -> None:
    assert bool(in_force(a_rule(**changes)).chosen(asked())) is is_asked


def test_the_issuers_own_country_may_invalidate_and_its_acceptance_is_not_asked_abroad() -> None:
    void = a_rule(Type="Invalidation", Country="AT")
    read = in_force(void, a_rule(Country="AT", Identifier="RR-AT-0001"))
    assert [rule.kind for rule in read.chosen(asked(issuer="AT"))] == ["Invalidation"]


def test_the_newest_version_that_is_in_force_speaks() -> None:
    later = (NOW + DAY).isoformat()
    versions = [a_rule(Version=one) for one in ("1.0.9", "1.0.10", "1.0.2")]
    read = in_force(*versions, a_rule(Version="2.0.0", ValidFrom=later))
    assert [rule.version for rule in read.chosen(asked())] == [(1, 0, 10)]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.PASSED),
        ({"Logic": False}, Outcome.FAILED),
        ({"Logic": "yes"}, Outcome.OPEN),
        ({"Logic": {"later": [1]}}, Outcome.OPEN),
        ({"Logic": {">": [{"var": "payload.r.0.dn"}, 1]}}, Outcome.OPEN),
        ({"Engine": "OTHER"}, Outcome.OPEN),
        ({"EngineVersion": "2.0.0"}, Outcome.OPEN),
        ({"SchemaVersion": "1.3.1"}, Outcome.OPEN),
        ({"SchemaVersion": "2.0.0"}, Outcome.OPEN),
    ],
)
def test_a_rule_that_cannot_say_is_open(changes: dict[str, Any], outcome: Outcome) -> None:
    [finding] = in_force(a_rule(**changes)).findings(asked())
    assert finding.outcome is outcome


def test_a_rule_sees_the_clock_the_countries_and_the_value_sets() -> None:
    logic = {
        "and": [
            {"===": [{"var": "external.countryCode"}, "UA"]},
            {"===": [{"var": "external.issuerCountryCode"}, "UA"]},
            {"===": [{"var": "external.validationClock"}, "2026-11-23T12:00:00.000Z"]},
            {
                "in": [
                    {"var": "payload.r.0.tg"},
                    {"var": "external.valueSets.disease-agent-targeted"},
                ]
            },
        ]
    }
    [finding] = in_force(a_rule(Logic=logic)).findings(asked())
    assert finding.outcome is Outcome.PASSED


def test_a_certificate_that_meets_the_rules_is_valid_and_says_so() -> None:
    verdict = judge(ISSUER.issue(), ISSUER.trusted, NOW_MS, in_force(a_rule()))
    assert (verdict.state, verdict.reason) == (State.VALID, Reason.VALID)
    assert Check.RULES in verdict.checks
    assert dict(verdict.claims)["disease"] == "COVID-19"


def test_codes_become_words_where_value_sets_say_them_and_are_not_shown_otherwise() -> None:
    sets = SETS | {
        "vaccines-covid-19-names": {"EU/1/20/1528": {"display": "Comirnaty"}},
        "covid-19-lab-test-type": ["LP6464-4"],
    }
    word = in_force(sets=sets).word
    vaccinated = dict(dgc.claims_of(a_body(r=..., v=[VACCINATION]), word))
    assert (vaccinated["vaccine"], vaccinated["disease"]) == ("Comirnaty", "COVID-19")
    assert "test_type" not in dict(dgc.claims_of(a_body(r=..., t=[TEST]), word))
    assert "vaccine" not in dict(dgc.claims_of(a_body(r=..., v=[VACCINATION])))


def test_a_rule_that_is_not_met_leaves_a_certificate_genuine_and_says_which_and_why() -> None:
    known = Knowledge((ISSUER.trusted,), rules=in_force(a_rule(Logic=False)))
    verdict = engine.judge(ISSUER.issue(), known, When(NOW_MS))
    assert (verdict.state, verdict.reason) == (State.VALID, Reason.RULES_FAILED)
    assert verdict.details == {"field": "UA"}
    assert Check.RULES not in verdict.checks
    [finding] = verdict.plain()["rules"]
    assert (finding["rule"], finding["country"], finding["outcome"]) == (
        "RR-UA-0001",
        "UA",
        "failed",
    )


def test_a_failed_rule_weighs_more_than_an_open_one() -> None:
    read = in_force(a_rule(Logic="?"), a_rule(Logic=False, Identifier="RR-UA-0002"))
    assert judge(ISSUER.issue(), ISSUER.trusted, NOW_MS, read).reason is Reason.RULES_FAILED
    read = in_force(a_rule(Logic="?"), a_rule(Identifier="RR-UA-0002"))
    assert judge(ISSUER.issue(), ISSUER.trusted, NOW_MS, read).reason is Reason.RULES_OPEN


def test_rules_are_asked_of_genuine_certificates_only() -> None:
    read = in_force(a_rule(Logic=False))
    late_ms = NOW_MS + int((31 * DAY).total_seconds() * 1000)
    for verdict in (
        judge(ISSUER.issue(), Issuer().trusted, NOW_MS, read),
        judge(ISSUER.issue(), ISSUER.trusted, late_ms, read),
    ):
        assert verdict.state is not State.VALID
        assert verdict.findings == ()


def test_a_rule_speaks_the_readers_language_or_else_english_or_else_its_own() -> None:
    words = {"de": "Auf Deutsch", "en": "In English"}
    assert Finding("X", "DE", Outcome.FAILED, words).asks("uk") == "In English"
    assert Finding("X", "DE", Outcome.FAILED, {"de": "Auf Deutsch"}).asks("uk") == "Auf Deutsch"
    assert Finding("X", "DE", Outcome.FAILED, {}).asks("uk") == "X"


def test_rules_never_change_the_state_of_any_real_certificate(vectors: Path) -> None:
    told = [json.loads(path.read_text("utf-8")) for path in vectors.glob("dcc-rules/*/*/rule.json")]
    sets = json.loads((vectors / "dcc-rules" / "valueSets.json").read_text("utf-8"))
    asked_count = 0
    for path in sorted((vectors / "hcert").glob("*/**/*.json")):
        case = json.loads(path.read_text("utf-8"))
        if "schemas" in path.parts or "TESTCTX" not in case:
            continue
        known = trust.of_base64([case["TESTCTX"]["CERTIFICATE"]])
        at_ms = batch.unix_ms(case["TESTCTX"]["VALIDATIONCLOCK"])
        plain = judge(case["PREFIX"], known, at_ms)
        for country in ("AT", "DE"):
            read = in_force(*told, country=country, sets=sets)
            ruled = judge(case["PREFIX"], known, at_ms, read)
            assert (ruled.state, ruled.claims) == (plain.state, plain.claims)
            asked_count += len(ruled.findings)
    assert asked_count > 100


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"country": "UA"}',
        b'{"country": "UA", "rules": [7]}',
        b'{"country": "UA", "rules": [], "valueSets": []}',
        b'{"country": "UA", "rules": [], "valueSets": {"x": [1]}}',
        b"\xff" * 10,
        json.dumps({"country": "UA", "rules": [a_rule(Version="1")]}).encode(),
        json.dumps({"country": "UA", "rules": [a_rule(ValidTo="soon")]}).encode(),
        json.dumps({"country": "UA", "rules": [a_rule(Description="x")]}).encode(),
    ],
)
def test_what_are_no_rules_is_refused_whole(data: bytes) -> None:
    with pytest.raises(RulesError):
        rules.read(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*a_rule(), "rules", "valueSets", "country"]), JSON)
def test_rules_with_one_strange_part_are_read_or_refused(name: str, content: object) -> None:
    whole: dict[str, Any] = {"country": "UA", "rules": [a_rule()], "valueSets": SETS}
    if name in whole:
        whole[name] = content
    else:
        whole["rules"] = [a_rule() | {name: content}]
    try:
        read = rules.read(json.dumps(whole).encode())
    except RulesError:
        return
    assert judge(ISSUER.issue(), ISSUER.trusted, NOW_MS, read).state is State.VALID
