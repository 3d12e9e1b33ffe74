"""Time as far as it can be trusted: a bound that only rises, whatever the clock shows."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge.timekeeping import RELEASED_MS, Timekeeper

YEAR_MS = 365 * 86_400_000


@dataclass
class Clocks:
    wall_ms: int = RELEASED_MS + YEAR_MS
    monotonic_ms: int = 0

    def keeper(self) -> Timekeeper:
        return Timekeeper(lambda: self.wall_ms, lambda: self.monotonic_ms)


def test_a_node_that_boots_in_1970_knows_that_its_clock_is_wrong() -> None:
    clocks = Clocks(wall_ms=0)
    keeper = clocks.keeper()
    stamp = keeper.stamp()
    assert keeper.clock_is_wrong
    assert (stamp.reading_ms, stamp.not_before_ms, stamp.not_after_ms) == (0, RELEASED_MS, None)


def test_a_clock_that_may_be_right_is_not_called_wrong() -> None:
    assert not Clocks().keeper().clock_is_wrong


def test_centrals_word_raises_the_bound_and_the_monotonic_clock_carries_it_on() -> None:
    clocks = Clocks()
    keeper = clocks.keeper()
    keeper.beacon(RELEASED_MS + 5_000)
    clocks.monotonic_ms += 300
    clocks.wall_ms = 0  # somebody turned the clock back: no matter
    assert keeper.stamp().not_before_ms == RELEASED_MS + 5_300
    assert keeper.clock_is_wrong


def test_an_old_beacon_that_was_held_back_lowers_nothing() -> None:
    clocks = Clocks()
    keeper = clocks.keeper()
    keeper.beacon(RELEASED_MS + 5_000)
    keeper.beacon(RELEASED_MS + 1_000)
    assert keeper.stamp().not_before_ms == RELEASED_MS + 5_000


STEPS = st.lists(
    st.tuples(
        st.integers(0, 10**9),  # monotonic time passes
        st.integers(-(10**15), 10**15),  # the wall clock is set to anything
        st.none() | st.integers(0, 2**53),  # a beacon comes
    )
)


@given(STEPS)
def test_the_bound_never_falls_and_never_exceeds_what_was_told_and_passed(
    steps: list[tuple[int, int, int | None]],
) -> None:
    clocks = Clocks()
    keeper = clocks.keeper()
    bound = most = RELEASED_MS
    for passed_ms, wall_ms, beacon_ms in steps:
        clocks.monotonic_ms += passed_ms
        clocks.wall_ms = wall_ms
        if beacon_ms is not None:
            keeper.beacon(beacon_ms)
        most = max(most + passed_ms, beacon_ms or 0)
        found = keeper.stamp().not_before_ms
        assert found is not None
        assert bound <= found == most
        bound = found
