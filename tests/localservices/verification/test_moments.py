"""A time in a document is one, or the document is refused."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import moments
from localservices.verification.verdict import DocumentError, Reason
from tests.localservices.verification.issuing import NOW_MS


@given(st.integers(0, 253_402_300_799))
def test_a_whole_second_is_a_thousand_milliseconds(seconds: int) -> None:
    assert moments.of_number(seconds) == seconds * 1000


def test_a_fraction_counts_to_the_millisecond_and_nothing_is_no_time() -> None:
    assert moments.of_number(1.5) == 1_500
    assert moments.of_number(None) is None


@pytest.mark.parametrize(
    "told", [-1, -0.5, 253_402_300_800, math.nan, math.inf, True, "1", [1], {}, 10**400]
)
def test_what_is_no_time_is_refused(told: object) -> None:
    with pytest.raises(DocumentError) as caught:
        moments.of_number(told)
    assert caught.value.code is Reason.CWT


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23T14:00:00+02:00",
        "2026-11-23T12:00:00.000999999Z",
        "2026-11-23T12:00:00",
        datetime(2026, 11, 23, 12, tzinfo=UTC),
    ],
    ids=str,
)
def test_a_written_time_is_of_its_zone_or_of_utc(told: object) -> None:
    assert moments.of_text(told, "validFrom") == NOW_MS


@pytest.mark.parametrize("told", ["soon", "", None, 20261123, "9999-99-99"])
def test_a_written_time_that_is_none_names_its_field(told: object) -> None:
    with pytest.raises(DocumentError) as caught:
        moments.of_text(told, "validFrom")
    assert (caught.value.code, caught.value.details) == (Reason.SCHEMA, {"field": "validFrom"})


def test_token_and_credential_must_both_allow_a_time() -> None:
    later = {"validFrom": "2026-11-23T12:00:00Z", "validUntil": "2026-11-23T12:00:00Z"}
    assert moments.of_credential({"nbf": 1, "exp": 2}, later) == (NOW_MS, 2_000)
    older = {"issuanceDate": "1970-01-01T00:00:01Z", "expirationDate": "2026-11-23T12:00:00Z"}
    assert moments.of_credential({}, older) == (1_000, NOW_MS)
    assert moments.of_credential({}, {}) == (None, None)
