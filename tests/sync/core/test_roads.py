"""The node uses the cheapest road that works, leaves one that stalls, and does not flutter."""

from hypothesis import given
from hypothesis import strategies as st

from sync.core.roads import PROVE_MS, REST_MS, STALL_MS_MIN, STAY_MS, Chooser

COSTS = {"mqtt": 0, "https": 0, "sat": 2}
STEP = st.tuples(
    st.sampled_from(["opened", "closed", "sent", "heard"]),
    st.sampled_from(sorted(COSTS)),
    st.integers(0, 40_000),
)


def test_the_first_road_that_opens_is_used_at_once() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("sat", 5)
    assert chooser.in_use == "sat"


def test_at_the_start_the_best_road_may_be_the_last_to_open() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("sat", 0)
    chooser.opened("https", 800)
    assert chooser.in_use == "https"
    chooser.opened("mqtt", 1_500)
    assert chooser.in_use == "mqtt"


def test_a_cheaper_road_that_failed_takes_over_when_it_has_proved_itself() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("https", 0)
    chooser.opened("sat", 0)
    chooser.closed("https", 0)
    chooser.opened("https", 1_000)
    assert chooser.look(PROVE_MS) == "sat"
    assert chooser.look(STAY_MS + PROVE_MS) == "https"


def test_a_closed_road_is_left_at_once() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("mqtt", 0)
    chooser.opened("sat", 1)
    chooser.closed("mqtt", 2)
    assert chooser.in_use == "sat"


def test_a_road_that_answers_nothing_is_left_though_it_is_open() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("mqtt", 0)
    chooser.opened("https", 0)
    chooser.sent("mqtt", 100)
    assert chooser.look(100 + STALL_MS_MIN - 1) == "mqtt"
    assert chooser.look(100 + STALL_MS_MIN) == "https"


def test_a_slow_road_is_not_a_stalled_one() -> None:
    chooser = Chooser({"sat": 0, "https": 1})
    chooser.opened("sat", 0)
    chooser.opened("https", 0)
    now_ms = 0
    for _ in range(30):  # answers take 15 s, as on a road at its limit
        chooser.sent("sat", now_ms)
        now_ms += 15_000
        chooser.heard("sat", now_ms)
    chooser.sent("sat", now_ms)
    assert chooser.look(now_ms + 30_000) == "sat"


def test_of_equal_cost_the_far_slower_road_is_left() -> None:
    chooser = Chooser({"mqtt": 0, "https": 0, "sat": 1})
    for name in ("mqtt", "https", "sat"):
        chooser.opened(name, 0)
    answers_ms = {"mqtt": 9_000, "https": 300, "sat": 100}
    used = use(chooser, answers_ms, range(0, 7_200_000, 10_000))
    assert used["https"] > 0.9 * sum(used.values())
    assert used["sat"] == 0


def test_two_roads_that_are_slow_alike_do_not_make_it_flutter() -> None:
    chooser = Chooser({"mqtt": 0, "https": 0})
    for name in ("mqtt", "https"):
        chooser.opened(name, 0)
    before, changes = chooser.in_use, 0
    for minute in range(240):
        times = range(minute * 60_000, (minute + 1) * 60_000, 10_000)
        use(chooser, {"mqtt": 9_000, "https": 8_000}, times)
        changes += chooser.in_use != before
        before = chooser.in_use
    assert changes <= 2 * 8 + 2


def use(chooser: Chooser, answers_ms: dict[str, int], times_ms: range) -> dict[str, int]:
    """Say a word each time; how often each road was in use."""
    used = dict.fromkeys(answers_ms, 0)
    for now_ms in times_ms:
        name = chooser.look(now_ms)
        assert name is not None
        used[name] += 1
        chooser.sent(name, now_ms)
        chooser.heard(name, now_ms + answers_ms[name])
    return used


def test_a_road_that_stalled_is_tried_again_after_a_rest() -> None:
    chooser = Chooser(COSTS)
    chooser.opened("mqtt", 0)
    chooser.opened("sat", 0)
    chooser.sent("mqtt", 0)
    assert chooser.look(STALL_MS_MIN) == "sat"
    assert chooser.look(STALL_MS_MIN + REST_MS + STAY_MS) == "mqtt"


def test_each_stall_in_a_row_makes_the_rest_longer() -> None:
    chooser = Chooser({"mqtt": 0, "sat": 1})
    chooser.opened("mqtt", 0)
    chooser.opened("sat", 0)
    changes = 0
    before = chooser.in_use
    for now_ms in range(0, 4 * 3_600_000, 1_000):  # four hours of a broker that is dead behind TCP
        if chooser.in_use == "mqtt":
            chooser.sent("mqtt", now_ms)
        chooser.look(now_ms)
        changes += chooser.in_use != before
        before = chooser.in_use
    assert changes < 30


@given(st.lists(STEP, max_size=200))
def test_the_road_in_use_is_always_an_open_one(steps: list[tuple[str, str, int]]) -> None:
    chooser, now_ms = Chooser(COSTS), 0
    is_open: set[str] = set()
    for what, name, pause_ms in steps:
        now_ms += pause_ms
        if what == "opened":
            is_open.add(name)
        elif what == "closed":
            is_open.discard(name)
        getattr(chooser, what)(name, now_ms)
        assert (chooser.in_use in is_open) if is_open else chooser.in_use is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20_000)), max_size=300))
def test_a_cheap_road_that_comes_and_goes_does_not_make_it_flutter(
    flaps: list[tuple[bool, int]],
) -> None:
    chooser, now_ms = Chooser({"mqtt": 0, "sat": 1}), 0
    chooser.opened("sat", 0)
    to_cheap = 0
    for up, pause_ms in flaps:
        now_ms += pause_ms
        before = chooser.in_use
        chooser.opened("mqtt", now_ms) if up else chooser.closed("mqtt", now_ms)
        to_cheap += before == "sat" != chooser.in_use
    assert to_cheap <= 1 + now_ms // STAY_MS


@given(st.lists(STEP, max_size=300))
def test_beside_one_steady_road_the_changes_are_bounded_by_time(
    steps: list[tuple[str, str, int]],
) -> None:
    chooser, now_ms, changes = Chooser(COSTS), 0, 0
    chooser.opened("sat", 0)
    for what, name, pause_ms in steps:
        for _ in range(pause_ms // 1_000 + 1):
            now_ms += 1_000
            before = chooser.in_use
            chooser.look(now_ms)
            changes += chooser.in_use != before
        before = chooser.in_use
        if name != "sat":
            getattr(chooser, what)(name, now_ms)
        changes += chooser.in_use != before
        assert chooser.in_use is not None
    assert changes <= 4 + 4 * (now_ms // PROVE_MS)


@given(st.lists(STEP, max_size=60))
def test_whatever_was_one_road_that_works_is_in_use_in_the_end(
    steps: list[tuple[str, str, int]],
) -> None:
    chooser, now_ms = Chooser(COSTS), 0
    for what, name, pause_ms in steps:
        now_ms += pause_ms
        getattr(chooser, what)(name, now_ms)
    for name in COSTS:
        chooser.closed(name, now_ms)
    chooser.opened("mqtt", now_ms)
    chooser.opened("sat", now_ms)
    for _ in range(3_600):  # an hour in which the expensive road answers and the free one never
        now_ms += 1_000
        in_use = chooser.look(now_ms)
        assert in_use is not None
        chooser.sent(in_use, now_ms)
        if in_use == "sat":
            chooser.heard("sat", now_ms)
    used = []
    for _ in range(600):
        now_ms += 1_000
        in_use = chooser.look(now_ms)
        assert in_use is not None
        used.append(in_use)
        chooser.sent(in_use, now_ms)
        if in_use == "sat":
            chooser.heard("sat", now_ms)
    assert used.count("sat") > 500
