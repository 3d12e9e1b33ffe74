"""Pace on a simulated road: fills it whatever its length and width, and never clogs it."""

from dataclasses import dataclass, field

import pytest

from sync.core.flights import Flight, Flights
from sync.core.pace import BATCH_BYTES_MIN, BATCH_MS, PATIENCE_MS_MIN, Pace
from sync.wire.lanes import Lane
from sync.wire.limits import BATCH_BYTES_MAX, WINDOW_BYTES_MAX
from sync.wire.places import Stream

WORK = Stream(b"epoch-01", Lane.WORK)


@dataclass
class Pipe:
    """One bottleneck with a queue before it: ``rate`` bytes a ms, ``way_ms`` there and back."""

    rate: float
    way_ms: int
    now_ms: int = 0
    sent: int = 0
    acked: int = 0
    longest_queue_ms: float = 0.0
    pace: Pace = field(default_factory=Pace)
    flights: Flights = field(default_factory=Flights)
    _busy_until_ms: float = 0.0
    _landings: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pace.answered(self.way_ms)  # as the hello at the beginning of a link is

    def run(self, duration_ms: int, rows: int | None = None) -> None:
        """Send as the pace allows, all the time or up to ``rows`` batches, and let acks come."""
        end_ms = self.now_ms + duration_ms
        while self.now_ms < end_ms:
            self._land()
            while (rows is None or self.sent < rows) and self._may_leave():
                self._leave()
            self.now_ms += 1

    def _may_leave(self) -> bool:
        return self.flights.bytes < self.pace.window_bytes and self.now_ms >= self.pace.ready_at_ms

    def _leave(self) -> None:
        size = self.pace.batch_bytes
        self.pace.wanted(self.now_ms)
        departure = self.pace.left(size, self.flights.bytes, self.now_ms, again=False)
        self.sent += 1
        self.flights.add(Flight(WORK, self.sent, departure))
        self._busy_until_ms = max(self._busy_until_ms, self.now_ms) + size / self.rate
        self.longest_queue_ms = max(self.longest_queue_ms, self._busy_until_ms - self.now_ms)
        self._landings.append((self._busy_until_ms + self.way_ms, self.sent))

    def _land(self) -> None:
        while self._landings and self._landings[0][0] <= self.now_ms:
            _, number = self._landings.pop(0)
            landed = self.flights.landed(WORK, number)
            self.acked += sum(departure.size for departure in landed)
            self.pace.arrived(landed, self.flights.bytes, self.now_ms)


ROADS = {"bgan": (8.0, 620), "geo": (32.0, 620), "lte": (500.0, 80), "dish": (2_500.0, 45)}


@pytest.mark.parametrize(("rate", "way_ms"), ROADS.values(), ids=ROADS)
def test_a_road_is_full_soon_whatever_its_length_and_width(rate: float, way_ms: int) -> None:
    pipe = Pipe(rate, way_ms)
    pipe.run(30_000)
    assert pipe.acked >= 0.9 * rate * (30_000 - way_ms)


@pytest.mark.parametrize(("rate", "way_ms"), ROADS.values(), ids=ROADS)
def test_what_stands_before_an_urgent_record_takes_one_batch_and_half_a_way(
    rate: float, way_ms: int
) -> None:
    pipe = Pipe(rate, way_ms)
    pipe.run(20_000)
    pipe.longest_queue_ms = 0
    pipe.run(20_000)
    batch_ms = pipe.pace.batch_bytes / rate
    assert batch_ms <= BATCH_MS * 1.1
    assert pipe.longest_queue_ms <= batch_ms + way_ms / 2 + 10


def test_a_road_that_narrows_and_widens_is_followed() -> None:
    pipe = Pipe(500.0, 80)
    pipe.run(5_000)
    pipe.rate = 16.0
    pipe.run(60_000)
    assert pipe.pace.batch_bytes <= 16 * BATCH_MS * 1.1
    pipe.rate = 500.0
    pipe.run(30_000)
    assert pipe.pace.batch_bytes == BATCH_BYTES_MAX


def test_sizes_stay_within_their_bounds_on_any_road() -> None:
    for rate, way_ms in ((0.01, 5_000), (1_000_000.0, 900)):
        pipe = Pipe(rate, way_ms)
        pipe.run(60_000)
        assert BATCH_BYTES_MIN <= pipe.pace.batch_bytes <= BATCH_BYTES_MAX
        assert pipe.pace.window_bytes <= WINDOW_BYTES_MAX


def test_little_to_send_is_no_measure_of_a_road() -> None:
    pipe = Pipe(500.0, 80)
    pipe.run(5_000)
    before = pipe.pace.rate
    for _ in range(20):
        pipe.pace.starved(pipe.flights.bytes)
        pipe.run(1_000, rows=pipe.sent + 1)
    assert pipe.pace.rate == before


def test_patience_follows_the_acks_and_grows_with_each_silence() -> None:
    pace = Pace()
    for _ in range(50):
        pace.answered(4_000)
    assert PATIENCE_MS_MIN < pace.patience_ms(0, 0) < 5_000
    waits = [pace.patience_ms(0, silences) for silences in range(12)]
    assert waits == sorted(waits)
    assert waits[-1] == 300_000


def test_an_ack_that_overtakes_the_note_of_its_batch_leaves_room_for_the_next() -> None:
    pace = Pace()
    for at_ms in range(0, 400, 10):
        departure = pace.left(100_000, 0, at_ms, again=False)
        pace.arrived([departure], 0, at_ms - 7)
        assert pace.window_bytes > 0


def test_the_same_road_goes_on_at_its_pace_after_a_break_and_another_begins_anew() -> None:
    pipe = Pipe(8.0, 620)
    pipe.run(30_000)
    before = pipe.pace.batch_bytes
    for _ in range(3):
        pipe.pace.stalled(pipe.now_ms)
    pipe.pace.opened(pipe.now_ms)
    pipe.pace.answered(640)
    assert pipe.pace.batch_bytes == before
    pipe.pace.opened(pipe.now_ms)
    pipe.pace.answered(45)
    assert pipe.pace.rate is None
