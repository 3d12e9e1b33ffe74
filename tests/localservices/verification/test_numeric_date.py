"""A time in a token is a number of seconds, or the token is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.numeric_date import unix_ms
from localservices.verification.verdict import DocumentError, Reason


@given(st.integers(0, 253_402_300_799))
def test_a_whole_second_is_a_thousand_milliseconds(seconds: int) -> None:
    assert unix_ms(seconds) == seconds * 1000


def test_a_fraction_counts_to_the_millisecond_and_nothing_is_no_time() -> None:
    assert unix_ms(1.5) == 1_500
    assert unix_ms(None) is None


@pytest.mark.parametrize(
    "told", [-1, -0.5, 253_402_300_800, math.nan, math.inf, True, "1", [1], {}, 10**400]
)
def test_what_is_no_time_is_refused(told: object) -> None:
    with pytest.raises(DocumentError) as caught:
        unix_ms(told)
    assert caught.value.code is Reason.CWT
