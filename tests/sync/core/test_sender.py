"""The sender serves lanes in order, believes only acks, and sends again what may be lost."""

from collections.abc import Mapping
from itertools import count

import pytest

from sync.core.effects import (
    Confirm,
    Effect,
    Reconnect,
    Report,
    SendBatch,
    SendEpoch,
    SendHealth,
    SendHello,
    Trouble,
)
from sync.core.events import Acked, Committed, HealthReady, LinkDown, LinkUp, Sent, TimerDue
from sync.core.pace import FIRST_BATCH_BYTES, FIRST_WINDOW_BYTES, PATIENCE_MS_UNKNOWN
from sync.core.progress import Progress
from sync.core.sender import HELLO_EVERY_MS, Sender
from sync.wire.lanes import DURABLE, Lane
from sync.wire.messages import NONCE_BYTES, Ack, AckMark, Form, Refused
from sync.wire.places import Mark, Stream

OLD, NOW = b"epoch-01", b"epoch-02"
URGENT, PEOPLE, WORK = (Stream(NOW, lane) for lane in DURABLE[:3])


def head(seq: int) -> bytes:
    return seq.to_bytes(32, "big")


class Talk:
    """A sender, and a world that carries out what it asks: each batch takes ``rows`` records."""

    def __init__(self, progress: Mapping[Stream, Progress] | None = None) -> None:
        nonces = count(1)
        self.sender = Sender(
            NOW, (progress or {}).items(), lambda size: next(nonces).to_bytes(size, "big")
        )
        self.now_ms = 0
        self.newest: dict[Stream, int] = {s: p.newest for s, p in (progress or {}).items()}
        self.rows = 1
        self.size = 100
        self.seen: list[Effect] = []

    def tell(self, event: object) -> list[Effect]:
        """Feed an event, carry out every batch that follows; give all effects since."""
        start = len(self.seen)
        self._carry_out(self.sender.handle(event, self.now_ms))  # type: ignore[arg-type]
        return self.seen[start:]

    def _carry_out(self, effects: list[Effect]) -> None:
        self.seen += effects
        for effect in effects:
            if isinstance(effect, SendBatch):
                last = min(effect.after + self.rows, self.newest[effect.stream])
                sent = Sent(effect.stream, last, self.size)
                self._carry_out(self.sender.handle(sent, self.now_ms))

    def write(self, stream: Stream, upto: int) -> list[Effect]:
        self.newest[stream] = upto
        return self.tell(Committed({stream: upto}))

    def ack(
        self, stream: Stream, seq: int, *, nonce: bytes | None = None, backed_up: int = 0
    ) -> list[Effect]:
        mark = AckMark(stream, Mark(seq, head(seq)), backed_up)
        return self.tell(Acked(Ack("node-1", 0, nonce, (mark,)), {stream: head(seq)}))

    def nonce(self) -> bytes:
        return next(e.nonce for e in reversed(self.seen) if isinstance(e, SendHello))

    def overdue(self) -> list[Effect]:
        """Wait until the sender wants to be told that time has passed."""
        assert self.sender.deadline_ms is not None
        return self.later(self.sender.deadline_ms - self.now_ms)

    def later(self, ms: int) -> list[Effect]:
        self.now_ms += ms
        return self.tell(TimerDue())


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.tell(LinkUp())
    return talk


def batches(effects: list[Effect]) -> list[tuple[Stream, int]]:
    return [(e.stream, e.after) for e in effects if isinstance(e, SendBatch)]


def test_without_a_link_nothing_is_asked_for() -> None:
    talk = Talk()
    assert talk.write(PEOPLE, 3) == []
    assert talk.tell(TimerDue()) == []
    assert talk.tell(HealthReady()) == []
    assert talk.sender.deadline_ms is None


def test_a_link_begins_with_a_hello_and_then_what_waits() -> None:
    talk = Talk()
    talk.write(PEOPLE, 2)
    hello, link, *rest = talk.tell(LinkUp())
    assert isinstance(hello, SendHello)
    assert link == SendEpoch(NOW)
    assert batches(rest) == [(PEOPLE, 0), (PEOPLE, 1)]


def test_lanes_go_strictly_in_order_and_the_oldest_start_first() -> None:
    before = Stream(OLD, Lane.PEOPLE)
    talk = Talk({before: Progress(newest=2)})
    for stream in (WORK, PEOPLE, URGENT):
        talk.write(stream, 2)
    order = [stream for stream, _ in batches(talk.tell(LinkUp()))]
    assert order == [URGENT, URGENT, before, before, PEOPLE, PEOPLE, WORK, WORK]


def test_an_urgent_record_waits_behind_at_most_the_batch_that_is_being_sent(talk: Talk) -> None:
    talk.newest = {WORK: 5, URGENT: 1}
    talk.sender.handle(Committed({WORK: 5}), 0)
    talk.sender.handle(Committed({URGENT: 1}), 0)  # while the first batch is on its way out
    effects = talk.tell(Sent(WORK, 1, 100))
    assert batches(effects)[0] == (URGENT, 0)


def test_no_more_than_a_window_of_bytes_is_on_its_way_and_urgent_passes_it(talk: Talk) -> None:
    talk.size = FIRST_BATCH_BYTES
    flying = batches(talk.write(WORK, 100))
    assert len(flying) == FIRST_WINDOW_BYTES // FIRST_BATCH_BYTES
    assert batches(talk.write(URGENT, 1)) == [(URGENT, 0)]
    assert batches(talk.write(PEOPLE, 1)) == []
    talk.now_ms += 600
    assert batches(talk.ack(WORK, 2)) != []


def test_nothing_but_an_ack_moves_a_watermark(talk: Talk) -> None:
    effects = [*talk.write(PEOPLE, 3), *talk.later(PATIENCE_MS_UNKNOWN * 2), *talk.tell(LinkDown())]
    assert not [e for e in effects if isinstance(e, Confirm)]
    talk.tell(LinkUp())
    assert talk.ack(PEOPLE, 2, backed_up=1) == [Confirm(PEOPLE, 2, 1)]


def test_an_ack_that_comes_twice_or_late_changes_nothing(talk: Talk) -> None:
    talk.write(PEOPLE, 3)
    talk.ack(PEOPLE, 3, backed_up=2)
    assert talk.ack(PEOPLE, 3, backed_up=2) == []
    assert talk.ack(PEOPLE, 1) == []
    assert talk.ack(PEOPLE, 3, backed_up=3) == [Confirm(PEOPLE, 3, 3)]


def test_an_ack_of_what_was_never_written_here_is_not_believed(talk: Talk) -> None:
    talk.write(PEOPLE, 3)
    assert talk.ack(PEOPLE, 4) == []
    assert talk.ack(Stream(b"stranger", Lane.PEOPLE), 1) == []


def test_an_ack_with_another_hash_stops_the_stream_and_is_told(talk: Talk) -> None:
    talk.write(PEOPLE, 3)
    mark = AckMark(PEOPLE, Mark(2, b"x" * 32), 0)
    effects = talk.tell(Acked(Ack("node-1", 0, None, (mark,)), {PEOPLE: head(2)}))
    assert effects == [Report(Trouble.HISTORY_DIFFERS, PEOPLE)]
    assert batches(talk.write(PEOPLE, 4)) == []
    assert batches(talk.write(WORK, 1)) == [(WORK, 0)]


def test_silence_asks_first_and_a_second_one_sends_again_from_the_watermark(talk: Talk) -> None:
    talk.write(PEOPLE, 3)
    talk.ack(PEOPLE, 1, nonce=talk.nonce())
    [hello] = talk.overdue()
    assert isinstance(hello, SendHello)
    effects = talk.overdue()
    assert batches(effects) == [(PEOPLE, 1), (PEOPLE, 2)]
    assert [e for e in effects if isinstance(e, SendHello)]


def test_the_answer_to_what_silence_asks_says_what_was_lost(talk: Talk) -> None:
    talk.write(PEOPLE, 3)
    talk.ack(PEOPLE, 1, nonce=talk.nonce())
    talk.overdue()
    assert batches(talk.ack(PEOPLE, 2, nonce=talk.nonce())) == [(PEOPLE, 2)]


def test_a_new_link_asks_what_arrived_before_it_sends_that_again(talk: Talk) -> None:
    talk.write(WORK, 3)
    talk.tell(LinkDown())
    assert batches(talk.tell(LinkUp())) == []
    assert batches(talk.write(URGENT, 1)) == [(URGENT, 0)]
    assert batches(talk.ack(WORK, 2, nonce=talk.nonce())) == [(WORK, 2)]


def test_a_new_link_whose_question_is_lost_sends_again_all_the_same(talk: Talk) -> None:
    talk.write(WORK, 3)
    talk.tell(LinkDown())
    talk.tell(LinkUp())
    assert batches(talk.overdue()) == [(WORK, 0), (WORK, 1), (WORK, 2)]


def test_one_lane_that_is_confirmed_does_not_hide_that_another_was_lost(talk: Talk) -> None:
    talk.write(URGENT, 1)  # lost on the way; central knows nothing of it
    again: list[tuple[Stream, int]] = []
    for seq in range(1, 20):
        talk.now_ms += PATIENCE_MS_UNKNOWN // 3
        again += batches(talk.write(WORK, seq))
        again += batches(talk.ack(WORK, seq))
        assert talk.sender.deadline_ms is not None
        if talk.sender.deadline_ms <= talk.now_ms:
            again += batches(talk.tell(TimerDue()))
    assert (URGENT, 0) in again


def test_after_three_silences_it_dials_anew_and_waits_longer_each_time(talk: Talk) -> None:
    talk.write(PEOPLE, 1)
    waits, redials = [], []
    for _ in range(4):
        assert talk.sender.deadline_ms is not None
        waits.append(talk.sender.deadline_ms - talk.now_ms)
        effects = talk.later(waits[-1])
        redials.append(any(isinstance(e, Reconnect) for e in effects))
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert redials == [False, False, True, False]


def test_only_the_answer_to_the_last_hello_moves_a_watermark_back(talk: Talk) -> None:
    talk.write(PEOPLE, 5)
    first = talk.nonce()
    talk.ack(PEOPLE, 5, nonce=first, backed_up=4)
    assert talk.ack(PEOPLE, 2) == []
    assert talk.ack(PEOPLE, 2, nonce=first) == []  # answered already: an old copy
    talk.later(HELLO_EVERY_MS)
    effects = talk.ack(PEOPLE, 2, nonce=talk.nonce(), backed_up=1)
    assert Report(Trouble.CENTRAL_LOST, PEOPLE) in effects
    assert Confirm(PEOPLE, 2, 1) in effects
    assert batches(effects) == [(PEOPLE, 2), (PEOPLE, 3), (PEOPLE, 4)]


def test_a_central_that_misses_something_gets_a_hello_once(talk: Talk) -> None:
    talk.ack(PEOPLE, 0, nonce=talk.nonce())
    talk.write(PEOPLE, 3)
    missing = Acked(Ack("node-1", 0, None, (), (), wants_hello=True), {})
    [hello] = talk.tell(missing)
    assert isinstance(hello, SendHello)
    assert talk.tell(missing) == []
    effects = talk.ack(PEOPLE, 1, nonce=hello.nonce)
    assert batches(effects) == [(PEOPLE, 1), (PEOPLE, 2)]


def test_an_epoch_that_central_asks_for_goes_before_its_records(talk: Talk) -> None:
    talk.write(PEOPLE, 2)
    effects = talk.tell(Acked(Ack("node-1", 0, None, (), (NOW,)), {}))
    assert effects[0] == SendEpoch(NOW)
    assert batches(effects) == [(PEOPLE, 0), (PEOPLE, 1)]


def test_what_central_cannot_read_in_columns_goes_as_it_lies(talk: Talk) -> None:
    talk.write(PEOPLE, 1)
    refused = ((PEOPLE, 1, Refused.SEAL),)
    effects = talk.tell(Acked(Ack("node-1", 0, None, (), (), refused=refused), {}))
    assert effects == [Report(Trouble.REFUSED, PEOPLE)]
    talk.overdue()
    again = [e for e in talk.overdue() if isinstance(e, SendBatch)]
    assert again == [SendBatch(PEOPLE, 0, Form.SEALED, FIRST_BATCH_BYTES)]


def test_health_is_told_when_there_is_a_link_and_never_again(talk: Talk) -> None:
    assert talk.tell(HealthReady()) == [SendEpoch(NOW), SendHealth()]
    talk.ack(PEOPLE, 0, nonce=talk.nonce())
    assert not [e for e in talk.later(HELLO_EVERY_MS) if isinstance(e, SendHealth)]


def test_a_hello_comes_at_least_every_quarter_of_an_hour(talk: Talk) -> None:
    talk.ack(PEOPLE, 0, nonce=talk.nonce())
    assert talk.sender.deadline_ms == talk.now_ms + HELLO_EVERY_MS
    [hello] = talk.later(HELLO_EVERY_MS)
    assert isinstance(hello, SendHello)
    assert len(hello.nonce) == NONCE_BYTES
