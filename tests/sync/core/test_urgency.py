"""An urgent record does not wait behind what fills the road: the sender on a simulated link."""

import heapq
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.effects import Effect, SendBatch, SendHello
from sync.core.events import Acked, Committed, Event, LinkUp, Sent, TimerDue
from sync.core.pace import BATCH_MS, FIRST_BATCH_BYTES
from sync.core.progress import Progress
from sync.core.sender import Sender
from sync.wire.lanes import Lane
from sync.wire.limits import BATCH_BYTES_MAX
from sync.wire.messages import Ack, AckMark
from sync.wire.places import Mark, Stream

MEDIA = Stream(b"epoch-01", Lane.MEDIA)
URGENT = Stream(b"epoch-01", Lane.URGENT)
URGENT_BYTES = 300
CHUNK_BYTES = 700
SETTLED_MS = 15_000
HEAD = bytes(32)


@dataclass
class Link:
    """A FIFO road of ``rate`` bytes a ms, ``way_ms`` long, with central at its end."""

    rate: float
    way_ms: int
    now_ms: int = 0
    at_central: dict[Stream, dict[int, int]] = field(default_factory=dict)
    _busy_until_ms: float = 0.0
    _agenda: list[tuple[float, int, Event]] = field(default_factory=list)
    _turns: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        nonces = count(1)
        self.sender = Sender(
            MEDIA.epoch,
            [(MEDIA, Progress(newest=10**9)), (URGENT, Progress())],
            lambda size: next(nonces).to_bytes(size, "big"),
        )
        self._tell(LinkUp())

    def run(self, until_ms: float) -> None:
        while self._agenda or self.sender.deadline_ms is not None:
            deadline_ms = self.sender.deadline_ms
            due_ms = self._agenda[0][0] if self._agenda else float("inf")
            next_ms = min(due_ms, float("inf") if deadline_ms is None else deadline_ms)
            if next_ms > until_ms:
                break
            self.now_ms = max(self.now_ms, int(next_ms))
            self._tell(heapq.heappop(self._agenda)[2] if due_ms <= next_ms else TimerDue())
        self.now_ms = max(self.now_ms, int(until_ms))

    def write_urgent(self, seq: int) -> int:
        """Give how long it took to central."""
        wrote_ms = self.now_ms
        self._tell(Committed({URGENT: seq}))
        self.run(self.now_ms + 5_000)
        return self.at_central[URGENT][seq] - wrote_ms

    def _tell(self, event: Event) -> None:
        events = [event]
        while events:
            for effect in self.sender.handle(events.pop(0), self.now_ms):
                if (sent := self._carry(effect)) is not None:
                    events.append(sent)

    def _carry(self, effect: Effect) -> Sent | None:
        if isinstance(effect, SendHello):
            self._answer(200, Ack("node-1", 0, effect.nonce, ()), {})
        if not isinstance(effect, SendBatch):
            return None
        urgent = effect.stream == URGENT
        size = URGENT_BYTES if urgent else effect.bytes_max
        last = effect.after + (1 if urgent else max(1, size // CHUNK_BYTES))
        ack = Ack("node-1", 0, None, (AckMark(effect.stream, Mark(last, HEAD), 0),))
        arrived_ms = self._answer(size, ack, {effect.stream: HEAD})
        self.at_central.setdefault(effect.stream, {})[last] = arrived_ms
        return Sent(effect.stream, last, size)

    def _answer(self, size: int, ack: Ack, own: dict[Stream, bytes | None]) -> int:
        self._busy_until_ms = max(self._busy_until_ms, self.now_ms) + size / self.rate
        arrived_ms = self._busy_until_ms + self.way_ms
        heapq.heappush(self._agenda, (arrived_ms + self.way_ms, next(self._turns), Acked(ack, own)))
        return int(arrived_ms)


@pytest.mark.parametrize(("rate", "way_ms"), [(8.0, 300), (32.0, 300), (500.0, 40), (2_500.0, 22)])
@settings(max_examples=20)
@given(pause_ms=st.integers(0, 5_000))
def test_while_media_fills_the_road_an_urgent_record_takes_a_round_trip_and_a_batch(
    rate: float, way_ms: int, pause_ms: int
) -> None:
    link = Link(rate, way_ms)
    link.run(SETTLED_MS + pause_ms)
    batch_ms = min(BATCH_MS, BATCH_BYTES_MAX / rate)
    assert link.write_urgent(1) <= 2 * way_ms + batch_ms * 1.05 + URGENT_BYTES / rate


def test_from_the_first_second_on_it_waits_behind_little_even_on_a_slow_road() -> None:
    for at_ms in range(0, 10_000, 500):
        link = Link(8.0, 300)
        link.run(at_ms)
        assert link.write_urgent(1) <= 2 * link.way_ms + 4 * FIRST_BATCH_BYTES / link.rate
