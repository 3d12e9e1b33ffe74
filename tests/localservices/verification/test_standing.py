"""What a document's status comes to: of all that its lists say, the gravest."""

from itertools import permutations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.issuers import Signer
from localservices.verification.knowledge import Knowledge
from localservices.verification.standing import standing, standing_of_both
from localservices.verification.status import Revoked, StatusList
from localservices.verification.verdict import Check, Reason, State, Verdict

NOW_MS = 1_795_435_200_000
SIGNER = Signer(Ed25519PrivateKey.generate().public_key())
OWN = SIGNER.marks
TOKENS, REVOKING, SUSPENDING = (f"https://status.example/{n}" for n in range(3))
# In each list the document at 0 stands; at 1 it does not; at 2 of the tokens' it is suspended.
LISTS = {
    TOKENS: StatusList(TOKENS, 2, b"\x24", True, None, NOW_MS - 9_000, by=OWN),
    REVOKING: StatusList(REVOKING, 1, b"\x40", False, "revocation", NOW_MS - 5_000, by=OWN),
    SUSPENDING: StatusList(SUSPENDING, 1, b"\x40", False, "suspension", NOW_MS - 1_000, by=OWN),
}
GOOD = Verdict(State.VALID, Reason.VALID, "vc-jwt", NOW_MS)


def entry(uri: str = REVOKING, index: object = "0", **more: Any) -> dict[str, Any]:
    purpose = "suspension" if uri == SUSPENDING else "revocation"
    told = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListCredential": uri,
        "statusListIndex": index,
    } | more
    return {name: value for name, value in told.items() if value is not ...}


STANDING, ANOTHER = entry(), entry(SUSPENDING)
REVOKED, SUSPENDED = entry(REVOKING, "1"), entry(SUSPENDING, "1")
UNKNOWN, MISPLACED = entry("https://status.example/none"), entry(REVOKING, "-1")


def judged(*entries: object, status: object = None, verdict: Verdict = GOOD) -> Verdict:
    told = list(entries) if len(entries) != 1 else entries[0]
    known = Knowledge(status=LISTS.get)
    return standing_of_both(verdict, {"status": status}, {"credentialStatus": told}, known, SIGNER)


def of_claim(index: object, uri: object = TOKENS) -> dict[str, Any]:
    return {"status_list": {"idx": index, "uri": uri}}


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ((STANDING, ANOTHER), State.VALID),
        ((STANDING, UNKNOWN), State.STATUS_UNKNOWN),
        ((UNKNOWN, MISPLACED), State.MALFORMED),
        ((MISPLACED, SUSPENDED), State.SUSPENDED),
        ((UNKNOWN, SUSPENDED, REVOKED), State.REVOKED),
        (("not an entry", REVOKED), State.REVOKED),
        (({"type": "Other"}, SUSPENDED), State.SUSPENDED),
    ],
)
def test_of_several_entries_the_gravest_counts(entries: tuple[Any, ...], state: State) -> None:
    for order in permutations(entries):
        assert judged(*order).state is state


def test_of_both_mechanisms_the_gravest_counts() -> None:
    assert judged(SUSPENDED, status=of_claim(1)).state is State.REVOKED
    assert judged(REVOKED, status=of_claim(2)).state is State.REVOKED
    assert judged(STANDING, status=of_claim(2)).state is State.SUSPENDED
    assert judged(UNKNOWN, status=of_claim(0)).state is State.STATUS_UNKNOWN


def test_what_stands_by_several_lists_is_as_well_known_as_by_the_oldest() -> None:
    verdict = judged(STANDING, ANOTHER, status=of_claim(0))
    assert (verdict.state, verdict.status_age_s) == (State.VALID, 9)
    assert verdict.checks == (Check.STATUS,)
    assert judged(SUSPENDED, status=of_claim(0)).status_age_s == 1


def test_what_is_not_good_is_not_made_better_or_worse() -> None:
    expired = Verdict(State.EXPIRED, Reason.EXPIRED, "vc-jwt", NOW_MS)
    assert judged(REVOKED, verdict=expired) == expired
    assert judged() == GOOD


@pytest.mark.parametrize(
    "index",
    ["-1", "x", "", "8", "1e3", "٣", " 1", "9" * 13, "9" * 5_000, -1, 8, 1.5, None, True, [0]],
    ids=lambda index: repr(index)[:20],
)
def test_a_place_that_no_list_has_is_named_as_such(index: object) -> None:
    verdict = judged(entry(index=index))
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.STATUS_INDEX)
    if index not in ("8", 8):
        assert judged(entry(UNKNOWN["statusListCredential"], index)).reason is Reason.STATUS_INDEX


@pytest.mark.parametrize("index", ["0", "-1", -1, 4, 1.0, None, False, [0], 10**20], ids=repr)
def test_a_token_s_place_is_a_number_and_on_the_list(index: object) -> None:
    for uri, lists in ((TOKENS, LISTS), ("nz:x", {"nz:x": Revoked(frozenset(), NOW_MS)})):
        if uri != TOKENS and isinstance(index, int) and index >= 0 and index is not False:
            continue  # a list of what is revoked has every place
        verdict = standing(GOOD, of_claim(index, uri), Knowledge(status=lists.get), SIGNER)
        assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.STATUS_INDEX)


def test_the_names_of_the_forerunners_are_read() -> None:
    older = {
        "type": "RevocationList2020Status",
        "revocationListCredential": REVOKING,
        "revocationListIndex": "1",
    }
    assert judged(older).state is State.REVOKED
    assert judged(older | {"revocationListIndex": 0}).state is State.VALID
    assert judged(entry(index="1", type="RevocationList2020Status")).state is State.REVOKED
    assert judged(entry(index="1", type="StatusList2021Entry")).state is State.REVOKED


@pytest.mark.parametrize(
    "told", [entry(type="CredentialStatusList2017"), entry(type=...), entry(type=["A", "B"]), {}]
)
def test_a_status_of_no_kind_known_here_is_not_known(told: dict[str, Any]) -> None:
    verdict = judged(told)
    assert (verdict.state, verdict.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_KIND)
    claim = judged(status={"identifier_list": {"id": "9", "uri": TOKENS}})
    assert (claim.state, claim.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_KIND)


def test_a_list_of_another_purpose_says_nothing() -> None:
    verdict = judged(entry(SUSPENDING, "1", statusPurpose="revocation"))
    assert (verdict.state, verdict.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_LIST)
    assert judged(entry(REVOKING, "1", statusPurpose="message")) == GOOD


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (entry(statusListCredential=...), "statusListCredential"),
        (entry(statusSize=3), "statusSize"),
        ([STANDING] * 17, "credentialStatus"),
        (7, "credentialStatus"),
    ],
)
def test_what_is_no_entry_is_named(told: object, field: str) -> None:
    verdict = judged(told)
    assert (verdict.reason, verdict.details) == (Reason.SCHEMA, {"field": field})
    for claim in ("x", {"status_list": {"idx": 0}}):
        assert judged(status=claim).reason is Reason.SCHEMA


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(st.dictionaries(st.sampled_from(sorted(STANDING)), JSON), JSON)
def test_whatever_stands_there_is_a_verdict(changes: dict[str, Any], other: Any) -> None:
    for told in (STANDING | changes, other):
        assert judged(told).state in State
        assert judged(status=told).state in State
