"""The timetable: what is done, how often, and what a clock that jumps does to it."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.jobs import Calendar, Duty, Every, Timetable, duties

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_duty(**changes: Any) -> Duty:
    plain: dict[str, Any] = {"name": "rounds", "act": lambda: None, "every_s": 60, "first_s": 5}
    return Duty(**(plain | changes))


def nothing() -> None: ...


def test_a_duty_is_done_at_once_and_each_on_a_thread_of_its_own() -> None:
    met = threading.Barrier(2)
    done = threading.Event()

    def meet() -> None:
        met.wait(timeout=10)
        done.set()

    timetable = Timetable([a_duty(name=name, act=meet, first_s=0) for name in "ab"])
    timetable.start()
    assert done.wait(timeout=10)
    timetable.stop()


def test_stopping_waits_for_what_runs() -> None:
    begun, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go_on.wait(timeout=10)
        finished.set()

    timetable = Timetable([a_duty(act=slow, first_s=0)])
    timetable.start()
    assert begun.wait(timeout=10)
    go_on.set()
    timetable.stop()
    assert finished.is_set()


def test_a_duty_that_fails_is_told_and_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise OSError("full")

    timetable = Timetable(
        [a_duty(name="bad", act=fail, first_s=0), a_duty(name="good", act=done.set, first_s=0)]
    )
    timetable.start()
    assert done.wait(timeout=10)
    timetable.stop()
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [OSError]


@given(st.timedeltas(min_value=timedelta(days=-30_000), max_value=timedelta(days=30_000)))
def test_the_next_time_counts_from_now_whatever_was_planned(jump: timedelta) -> None:
    assert Every(a_duty()).get_next_fire_time(NOW - jump, NOW) == NOW + MINUTE


def test_the_first_time_may_wait() -> None:
    assert Every(a_duty()).get_next_fire_time(None, NOW) == NOW + timedelta(seconds=5)


def test_a_clock_put_back_by_decades_does_not_silence_a_duty() -> None:
    calendar = Calendar(longest_s=60)
    job = SimpleNamespace(id="rounds", next_run_time=NOW + MINUTE)
    calendar.add_job(job)
    assert calendar.get_due_jobs(NOW) == []
    assert calendar.get_due_jobs(EPOCH) == [job]
    assert calendar.get_next_run_time() == EPOCH


def test_every_node_reads_its_host_and_locks_each_minute_and_purges_each_hour() -> None:
    table = {duty.name: duty.every_s for duty in duties(nothing, nothing, nothing, nothing, 120)}
    assert table == {"read-host": 60, "tell-health": 120, "purge": 3_600, "lock-idle": 60}
