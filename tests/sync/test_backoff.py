"""Dialling again: soon after a flap, spread out after a blackout, gently when pushed out."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sync.core.backoff import Backoff

ALMOST_ONE = 1 - 2**-53


def a_backoff(share: float = ALMOST_ONE) -> Backoff:
    return Backoff(lambda: share, floor_ms=1_000, ceiling_ms=60_000, steady_ms=30_000)


def test_the_ceiling_doubles_until_it_is_the_last() -> None:
    backoff = a_backoff()
    waits = [backoff.next_delay_ms() + 1 for _ in range(8)]
    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]


def test_a_flap_after_a_good_connection_costs_at_most_the_floor() -> None:
    backoff = a_backoff()
    for _ in range(10):
        backoff.next_delay_ms()
    backoff.lived(30_000)
    assert backoff.next_delay_ms() < 1_000


def test_being_pushed_out_soon_after_connecting_counts_as_failure() -> None:
    backoff = a_backoff()
    backoff.next_delay_ms()
    backoff.lived(29_999)
    assert backoff.next_delay_ms() >= 1_000


def test_two_machines_with_one_identity_do_not_push_each_other_out_all_day() -> None:
    chance = random.Random(5)
    first, second = (Backoff(chance.random) for _ in range(2))
    at_ms, pushes = 0, 0
    while at_ms < 3_600_000:  # each connects, pushing the other out, which then waits
        waited = first.next_delay_ms()
        second.lived(waited)
        first, second = second, first
        at_ms, pushes = at_ms + waited, pushes + 1
    assert pushes < 400


def test_a_fleet_comes_back_spread_over_the_last_ceiling() -> None:
    chance = random.Random(7)
    fleet = [Backoff(chance.random) for _ in range(3_000)]
    for node in fleet:
        for _ in range(10):
            node.next_delay_ms()
    seconds = [0] * 90
    for node in fleet:
        seconds[node.next_delay_ms() // 1_000] += 1
    assert max(seconds) < 3 * len(fleet) / 90


@given(
    st.floats(0, 1, exclude_max=True),
    st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=80),
)
def test_no_wait_is_negative_or_above_the_ceiling(share: float, story: list[int | None]) -> None:
    backoff = a_backoff(share)
    for lived_ms in story:
        if lived_ms is not None:
            backoff.lived(lived_ms)
        assert 0 <= backoff.next_delay_ms() <= 60_000
