"""Waiting after wrong passphrases: longer with each miss, and easing by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.staff.backoff import (
    ADDRESS_WAIT_MS_MAX,
    EASE_MS,
    FREE_MISSES,
    NAME_WAIT_MS_MAX,
    Backoff,
    Misses,
    wait_ms,
)


class Clock:
    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.mark.parametrize(
    ("count", "wait"),
    [(0, 0), (4, 0), (5, 1_000), (6, 2_000), (9, 16_000), (40, ADDRESS_WAIT_MS_MAX)],
)
def test_the_wait_doubles_with_each_miss_up_to_a_most(count: int, wait: int) -> None:
    assert wait_ms(Misses(count, 0), 0, ADDRESS_WAIT_MS_MAX) == wait


def test_misses_are_forgiven_one_by_one() -> None:
    misses = Misses(7, 0)
    assert [misses.left_at(EASE_MS * n) for n in (0, 1, 6, 7, 99)] == [7, 6, 1, 0, 0]


@given(st.integers(0, 10_000), st.integers(0, 10**9))
def test_nobody_waits_longer_than_the_most(count: int, later_ms: int) -> None:
    assert 0 <= wait_ms(Misses(count, 0), later_ms, NAME_WAIT_MS_MAX) <= NAME_WAIT_MS_MAX


def test_guesses_at_one_name_from_many_addresses_are_slowed() -> None:
    backoff = Backoff(Clock())
    waits = [backoff.begin("olena", f"10.0.0.{n}") for n in range(FREE_MISSES + 1)]
    assert waits == [0] * FREE_MISSES + [1_000]


def test_guesses_at_many_names_from_one_address_are_slowed() -> None:
    backoff = Backoff(Clock())
    waits = [backoff.begin(f"name {n}", "10.0.0.1") for n in range(FREE_MISSES + 1)]
    assert waits == [0] * FREE_MISSES + [1_000]


def test_a_stranger_cannot_keep_out_who_has_signed_in_from_here_before() -> None:
    backoff = Backoff(Clock())
    backoff.begin("olena", "10.0.0.1")
    backoff.succeed("olena", "10.0.0.1")
    for n in range(100):
        backoff.begin("olena", f"10.0.1.{n}")
    assert backoff.begin("olena", "10.0.0.1") == 0
    assert backoff.begin("olena", "10.0.2.1") > 0


def test_a_try_while_one_must_wait_makes_the_wait_no_longer() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    for _ in range(FREE_MISSES):
        backoff.begin("olena", "10.0.0.1")
    for clock.now_ms in (100, 500, 999):
        assert backoff.begin("olena", "10.0.0.1") == 1_000 - clock.now_ms
    clock.now_ms = 1_000
    assert backoff.begin("olena", "10.0.0.1") == 0


def test_a_success_forgets_the_misses() -> None:
    backoff = Backoff(Clock())
    for _ in range(3):
        for _ in range(FREE_MISSES - 1):
            assert backoff.begin("olena", "10.0.0.1") == 0
        backoff.succeed("olena", "10.0.0.1")
