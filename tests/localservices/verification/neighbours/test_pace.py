"""A neighbour may ask much at once, and then steadily; what it asks costs nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.neighbours.pace import Pace


def test_the_burst_is_free_and_the_rest_waits_as_long_as_it_is_told() -> None:
    pace = Pace(burst=10, per_s=2)
    assert pace.wait_ms("one", 10, 0) == 0
    assert pace.wait_ms("one", 4, 0) == 2_000
    assert pace.wait_ms("one", 4, 1_999) > 0
    assert pace.wait_ms("one", 4, 2_000) == 0


def test_each_has_its_own() -> None:
    pace = Pace(burst=1, per_s=1)
    assert pace.wait_ms("one", 1, 0) == 0
    assert pace.wait_ms("other", 1, 0) == 0


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5_000)), max_size=50))
def test_nobody_gets_more_than_the_burst_and_what_has_grown(asked: list[tuple[int, int]]) -> None:
    pace, now_ms, let_through = Pace(burst=20, per_s=2), 0, 0
    for count, later_ms in asked:
        now_ms += later_ms
        if pace.wait_ms("one", count, now_ms) == 0:
            let_through += count
        assert let_through <= 20 + now_ms * 2 / 1000 + 1e-6
