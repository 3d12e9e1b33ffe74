"""The panel: what it shows is the last good reading, with its age, and looking never waits."""

import threading
from collections.abc import Callable, Iterator

import pytest

from hardware.errors import DeviceUnintelligibleError, DeviceUnreachableError
from hardware.panel import Instrument, Panel
from hardware.readings import HostReading, Seen

A_READING = HostReading("test", disk_free_bytes=7)


def an_instrument(
    read: Callable[[], HostReading], timeout_s: float = 5.0
) -> Instrument[HostReading]:
    return Instrument("host", read, lambda: 1_000, timeout_s)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_good_reading_is_shown_with_its_age() -> None:
    panel = Panel(an_instrument(lambda: A_READING))
    panel.refresh()
    assert panel.host.last == Seen(A_READING, 1_000)
    assert panel.host.last.age_ms(61_000) == 60_000


def test_before_the_first_reading_there_is_nothing_to_show() -> None:
    assert Panel(an_instrument(lambda: A_READING)).host.last is None


def test_a_fault_keeps_the_last_good_reading_and_says_why() -> None:
    panel = Panel(an_instrument(in_turn(_well, _mumble, _well)))
    panel.refresh()
    panel.refresh()
    assert panel.host.last == Seen(A_READING, 1_000)
    assert isinstance(panel.host.fault, DeviceUnintelligibleError)
    panel.refresh()
    assert panel.host.fault is None


def test_a_device_that_hangs_is_left_behind_and_asked_once(released: threading.Event) -> None:
    asked = []

    def hang() -> HostReading:
        asked.append(1)
        released.wait()
        return A_READING

    panel = Panel(an_instrument(hang, timeout_s=0.01))
    panel.refresh()
    panel.refresh()
    assert isinstance(panel.host.fault, DeviceUnreachableError)
    assert (len(asked), panel.host.last) == (1, None)


def test_a_fault_is_told_when_it_starts_and_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    panel = Panel(an_instrument(in_turn(_mumble, _mumble, _well, _well)))
    for _ in range(4):
        panel.refresh()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_our_own_mistake_is_not_taken_for_a_device_that_is_silent() -> None:
    def blunder() -> HostReading:
        raise KeyError("ours")

    panel = Panel(an_instrument(blunder))
    with pytest.raises(KeyError):
        panel.refresh()


def in_turn(*answers: Callable[[], HostReading]) -> Callable[[], HostReading]:
    waiting = iter(answers)

    def read() -> HostReading:
        return next(waiting)()

    return read


def _well() -> HostReading:
    return A_READING


def _mumble() -> HostReading:
    raise DeviceUnintelligibleError("mumbled")
