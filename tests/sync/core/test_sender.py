"""The sender serves the most urgent first, believes only acks, and sends again what was lost."""

import itertools
from collections.abc import Callable

import pytest

from sync.core.effects import (
    Confirm,
    Effect,
    Reconnect,
    Report,
    SendBatch,
    SendEpoch,
    SendHello,
    Trouble,
)
from sync.core.events import Acked, Committed, Event, LinkDown, LinkUp, Sent, TimerDue
from sync.core.sender import ACK_WAIT_MS, ACK_WAIT_MS_MAX, HELLO_EVERY_MS, Progress, Sender
from sync.wire.lanes import DURABLE, Lane
from sync.wire.limits import WINDOW_BYTES
from sync.wire.messages import Ack, AckMark, Form, Refused
from sync.wire.places import Mark, Stream

EPOCH = b"epoch-08"
HEAD = b"h" * 32
NODE = "node-1"


def counted() -> Callable[[int], bytes]:
    numbers = itertools.count(1)
    return lambda length: next(numbers).to_bytes(length, "big")


class World:
    """Carries out what a sender asks, one record a batch, and remembers it."""

    def __init__(self, *progress: tuple[Stream, Progress], batch_bytes: int = 1_000) -> None:
        self.sender = Sender(EPOCH, progress, counted())
        self.now_ms = 0
        self.batch_bytes = batch_bytes
        self.newest: dict[Stream, int] = {}
        self.said: list[Effect] = []

    def feed(self, event: Event) -> list[Effect]:
        """Give all that came of an event."""
        began, events = len(self.said), [event]
        while events:
            for effect in self.sender.handle(events.pop(0), self.now_ms):
                self.said.append(effect)
                if isinstance(effect, SendBatch):
                    events.append(Sent(effect.stream, effect.after + 1, self.batch_bytes))
        return self.said[began:]

    def commit(self, lane: Lane, count: int = 1) -> list[Effect]:
        stream = Stream(EPOCH, lane)
        self.newest[stream] = self.newest.get(stream, 0) + count
        return self.feed(Committed(dict(self.newest)))

    def ack(
        self, lane: Lane, seq: int, head: bytes = HEAD, nonce: bytes | None = None
    ) -> list[Effect]:
        stream = Stream(EPOCH, lane)
        mark = AckMark(stream, Mark(seq, HEAD), 0)
        return self.feed(Acked(Ack(NODE, 0, nonce, (mark,)), {stream: head if seq else None}))

    def later(self, milliseconds: int) -> list[Effect]:
        self.now_ms += milliseconds
        return self.feed(TimerDue())


def batches(effects: list[Effect]) -> list[tuple[Lane, int]]:
    return [(e.stream.lane, e.after + 1) for e in effects if isinstance(e, SendBatch)]


def nonce_of(effects: list[Effect]) -> bytes:
    [hello] = [effect for effect in effects if isinstance(effect, SendHello)]
    return hello.nonce


@pytest.fixture
def world() -> World:
    return World()


def test_without_a_link_nothing_is_said(world: World) -> None:
    assert world.commit(Lane.URGENT) == []
    assert world.sender.deadline_ms is None


def test_a_link_begins_with_a_hello_and_the_key_before_the_records(world: World) -> None:
    world.commit(Lane.PEOPLE, 2)
    kinds = [type(effect) for effect in world.feed(LinkUp())]
    assert kinds == [SendHello, SendEpoch, SendBatch, SendBatch]


def test_lanes_are_served_strictly_in_order(world: World) -> None:
    for lane in reversed(DURABLE):
        world.commit(lane, 2)
    assert batches(world.feed(LinkUp())) == [(lane, seq) for lane in DURABLE for seq in (1, 2)]


def test_the_oldest_epoch_of_a_lane_goes_first() -> None:
    older = Stream(b"older-08", Lane.PEOPLE)
    world = World((older, Progress(newest=1)))
    world.commit(Lane.PEOPLE)
    said = world.feed(LinkUp())
    assert [e.stream.epoch for e in said if isinstance(e, SendBatch)] == [older.epoch, EPOCH]


def test_no_more_than_a_window_is_on_its_way_and_an_ack_opens_it() -> None:
    world = World(batch_bytes=WINDOW_BYTES // 4)
    world.commit(Lane.MEDIA, 9)
    assert len(batches(world.feed(LinkUp()))) == 4
    assert len(batches(world.ack(Lane.MEDIA, 2))) == 2


def test_an_urgent_record_passes_a_full_window() -> None:
    world = World(batch_bytes=WINDOW_BYTES)
    world.commit(Lane.MEDIA, 9)
    world.feed(LinkUp())
    assert batches(world.commit(Lane.PEOPLE)) == []
    assert batches(world.commit(Lane.URGENT)) == [(Lane.URGENT, 1)]


def test_only_an_ack_confirms(world: World) -> None:
    world.commit(Lane.WORK, 3)
    assert not [e for e in world.feed(LinkUp()) if isinstance(e, Confirm)]
    assert Confirm(Stream(EPOCH, Lane.WORK), 2, 0) in world.ack(Lane.WORK, 2)
    assert not [e for e in world.ack(Lane.WORK, 1) if isinstance(e, Confirm)]  # late, and older


def test_what_was_lost_is_sent_again_from_the_watermark(world: World) -> None:
    world.commit(Lane.WORK, 3)
    world.feed(LinkUp())
    world.ack(Lane.WORK, 1)
    assert batches(world.later(ACK_WAIT_MS_MAX)) == [(Lane.WORK, 2), (Lane.WORK, 3)]


def test_after_a_cut_everything_not_acked_is_sent_again(world: World) -> None:
    world.commit(Lane.WORK, 2)
    world.feed(LinkUp())
    assert world.feed(LinkDown()) == []
    assert batches(world.feed(LinkUp())) == [(Lane.WORK, 1), (Lane.WORK, 2)]


def test_patience_grows_while_nothing_comes_back(world: World) -> None:
    world.commit(Lane.WORK)
    world.feed(LinkUp())
    waits = []
    for _ in range(8):
        deadline_ms = world.sender.deadline_ms
        assert deadline_ms is not None
        waits.append(deadline_ms - world.now_ms)
        world.later(waits[-1])
    assert waits[0] >= ACK_WAIT_MS
    assert waits == sorted(waits)
    assert waits[-1] >= ACK_WAIT_MS_MAX
    assert [effect for effect in world.said if isinstance(effect, Reconnect)]


def test_a_quiet_link_says_hello_now_and_then(world: World) -> None:
    nonce = nonce_of(world.feed(LinkUp()))
    world.feed(Acked(Ack(NODE, 0, nonce, ()), {}))
    assert world.sender.deadline_ms == HELLO_EVERY_MS
    assert nonce_of(world.later(HELLO_EVERY_MS)) != nonce


def test_central_that_lost_records_gets_them_again_but_only_as_an_answer(world: World) -> None:
    world.commit(Lane.WORK, 3)
    nonce = nonce_of(world.feed(LinkUp()))
    world.ack(Lane.WORK, 3, nonce=nonce)
    assert batches(world.ack(Lane.WORK, 1)) == []  # an old ack
    world.now_ms += HELLO_EVERY_MS
    fresh = nonce_of(world.feed(TimerDue()))
    said = world.ack(Lane.WORK, 1, nonce=fresh)
    assert Report(Trouble.CENTRAL_LOST, Stream(EPOCH, Lane.WORK)) in said
    assert Confirm(Stream(EPOCH, Lane.WORK), 1, 0) in said
    assert batches(said) == [(Lane.WORK, 2), (Lane.WORK, 3)]


def test_an_ack_of_more_than_was_written_is_not_ours(world: World) -> None:
    world.commit(Lane.WORK)
    world.feed(LinkUp())
    assert world.ack(Lane.WORK, 5) == []


def test_another_history_under_our_names_stops_the_stream_and_no_other(world: World) -> None:
    world.commit(Lane.WORK, 2)
    world.commit(Lane.URGENT)
    world.feed(LinkUp())
    said = world.ack(Lane.WORK, 1, head=b"x" * 32)
    assert said == [Report(Trouble.HISTORY_DIFFERS, Stream(EPOCH, Lane.WORK))]
    world.feed(LinkDown())
    assert batches(world.feed(LinkUp())) == [(Lane.URGENT, 1)]


def test_a_key_that_central_lacks_is_sent_again_with_what_it_opens(world: World) -> None:
    world.commit(Lane.WORK)
    world.feed(LinkUp())
    said = world.feed(Acked(Ack(NODE, 0, None, (), (EPOCH,)), {}))
    assert [type(effect) for effect in said] == [SendEpoch, SendBatch]


def test_what_central_cannot_open_packed_is_sent_as_it_lies(world: World) -> None:
    world.commit(Lane.WORK)
    world.feed(LinkUp())
    refused = ((Stream(EPOCH, Lane.WORK), 1, Refused.MALFORMED),)
    said = world.feed(Acked(Ack(NODE, 0, None, (), (), False, refused), {}))
    assert Report(Trouble.REFUSED, Stream(EPOCH, Lane.WORK)) in said
    [again] = [e for e in world.later(ACK_WAIT_MS_MAX) if isinstance(e, SendBatch)]
    assert again.form is Form.SEALED


def test_central_may_ask_for_a_hello(world: World) -> None:
    nonce = nonce_of(world.feed(LinkUp()))
    world.feed(Acked(Ack(NODE, 0, nonce, ()), {}))
    assert nonce_of(world.feed(Acked(Ack(NODE, 0, None, (), wants_hello=True), {})))
