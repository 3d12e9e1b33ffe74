"""The writing side of delivery: what to send next, what an ack means, and when to send again.

    OFFLINE --LinkUp--> ONLINE --LinkDown--> OFFLINE

Lanes are served strictly in order, and within a lane the oldest epoch first, as fast as ``Pace``
says; urgent records pass the window. When acks stop coming a hello asks what arrived; if that is
not answered either, everything not acked is sent again from the watermarks (go-back-N): a
satellite link loses whole passes, not single packets. A new link asks first, too, where something
was on its way. Only an ack moves a watermark, and only the answer to a hello can move one back.
"""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import assert_never

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
    trouble_of,
)
from sync.core.events import (
    Acked,
    Committed,
    Event,
    HealthReady,
    LinkDown,
    LinkUp,
    Sent,
    TimerDue,
)
from sync.core.flights import Flight, Flights
from sync.core.pace import Pace
from sync.core.progress import Progress, Question, Traffic, foremost, traffic
from sync.wire.lanes import Lane
from sync.wire.messages import NONCE_BYTES, Ack, AckMark, Form, Refused
from sync.wire.places import Stream

HELLO_EVERY_MS = 15 * 60_000  # so that a central that lost something learns it
TIMEOUTS_BEFORE_RECONNECT = 3


class State(Enum):
    OFFLINE = auto()
    ONLINE = auto()


class Sender:
    """Feed it events with the time; carry out the effects it returns, in order."""

    def __init__(
        self,
        epoch: bytes,
        progress: Iterable[tuple[Stream, Progress]],
        chance: Callable[[int], bytes],
    ) -> None:
        """``epoch`` is this start's; ``progress`` names every stream, the oldest epoch first."""
        self.state = State.OFFLINE
        self._epoch = epoch
        self._streams = dict(progress)
        self._chance = chance
        self._flights = Flights()
        self._pace = Pace()
        self._asking = False  # what was on its way when the link fell may have arrived
        self._waiting = False  # for the road to be ready for the next batch
        self._announced: set[bytes] = set()  # epochs whose link was sent since the last rewind
        self._known: set[bytes] = set()  # epochs that central has acked
        self._question: Question | None = None
        self._ack_due_ms = 0
        self._hello_due_ms = 0
        self._timeouts = 0
        self._redialling = False

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        effects: list[Effect] = []
        match event:
            case LinkUp() | LinkDown():
                effects = self._link(event, now_ms)
            case Committed(newest):
                for stream, seq in newest.items():
                    self._streams.setdefault(stream, Progress()).newest = seq
            case Sent():
                self._flew(event, now_ms)
            case Acked(ack, own):
                effects = self._acked(ack, dict(own), now_ms)
            case TimerDue():
                effects = self._late(now_ms)
            case HealthReady():
                effects = self._health()
            case _:
                assert_never(event)
        return effects + self._next(now_ms)

    def traffic(self) -> Traffic:
        return traffic(self._streams, self._pace.rate)

    @property
    def deadline_ms(self) -> int | None:
        """When to feed ``TimerDue``, on the clock of ``now_ms``; None: not at all."""
        if self.state is not State.ONLINE:
            return None
        due_ms = self._ack_due_ms if self._flights or self._question else self._hello_due_ms
        return min(due_ms, self._pace.ready_at_ms) if self._waiting else due_ms

    def _link(self, event: LinkUp | LinkDown, now_ms: int) -> list[Effect]:
        if isinstance(event, LinkDown):
            self.state = State.OFFLINE
            return []
        self.state = State.ONLINE
        if not self._redialling:  # then it is the same silence that goes on, and patience grows
            self._timeouts = 0
        self._redialling = False
        self._asking = bool(self._flights)
        self._rewind(now_ms)
        self._pace.opened(now_ms)
        return [self._hello(now_ms)]

    @property
    def _asked_in_vain(self) -> bool:
        """A question that left after the oldest batch is unanswered, too."""
        oldest = self._flights.oldest
        asked = self._question
        return asked is not None and (oldest is None or asked.at_ms > oldest.departure.at_ms)

    def _next(self, now_ms: int) -> list[Effect]:
        """The next thing to send; ``Sent`` asks again, so one at a time is enough."""
        self._waiting = False
        if self.state is not State.ONLINE:
            return []
        found = foremost(self._streams)
        if found is None:
            self._pace.starved(self._flights.bytes)
            return []
        stream, progress = found
        if stream.lane is not Lane.URGENT and not self._may_leave(now_ms):
            return []
        self._pace.wanted(now_ms)
        batch = SendBatch(stream, progress.sent, progress.form, self._pace.batch_bytes)
        return [*self._introduced(stream.epoch), batch]

    def _may_leave(self, now_ms: int) -> bool:
        if self._asking or self._flights.bytes >= self._pace.window_bytes:
            return False
        self._waiting = now_ms < self._pace.ready_at_ms
        return not self._waiting

    def _introduced(self, epoch: bytes) -> list[Effect]:
        """Central must have an epoch's link before it can read what the epoch wrote."""
        if epoch in self._known | self._announced:
            return []
        self._announced.add(epoch)
        return [SendEpoch(epoch)]

    def _health(self) -> list[Effect]:
        return [*self._introduced(self._epoch), SendHealth()] if self.state is State.ONLINE else []

    def _flew(self, sent: Sent, now_ms: int) -> None:
        progress = self._streams[sent.stream]
        if not sent.last:
            progress.sent = progress.newest
            return
        again = progress.sent < progress.tried
        progress.sent = max(progress.sent, sent.last)
        progress.tried = max(progress.tried, progress.sent)
        is_first = not self._flights
        departure = self._pace.left(sent.size, self._flights.bytes, now_ms, again=again)
        self._flights.add(Flight(sent.stream, sent.last, departure))
        if is_first:
            self._ack_due_ms = now_ms + self._patience()

    def _patience(self) -> int:
        return self._pace.patience_ms(self._flights.bytes, self._timeouts)

    def _acked(self, ack: Ack, own: dict[Stream, bytes | None], now_ms: int) -> list[Effect]:
        effects: list[Effect] = []
        oldest = self._flights.oldest
        asked = self._question
        answered = asked if asked is not None and asked.nonce == ack.nonce else None
        for mark in ack.marks:
            effects += self._mark(mark, own.get(mark.stream), now_ms, answered)
        if answered is not None:
            self._pace.answered(now_ms - answered.at_ms)
            self._question = None
            self._asking = False
            self._timeouts = 0
            self._hello_due_ms = now_ms + HELLO_EVERY_MS
        effects += self._asked_for(set(ack.asks), answered)
        for stream, first, why in ack.refused:
            effects += self._refused(stream, first, why)
        if ack.wants_hello and self._question is None and self.state is State.ONLINE:
            effects.append(self._hello(now_ms))
        if any(isinstance(effect, Confirm) for effect in effects):
            self._timeouts = 0
            if self._flights.oldest is not oldest:  # else it was passed: it may be lost
                self._ack_due_ms = now_ms + self._patience()
        return effects

    def _asked_for(self, epochs: set[bytes], answered: Question | None) -> list[Effect]:
        if answered is not None:
            epochs -= self._announced - answered.announced  # these left after the question
        self._known -= epochs
        self._send_again(stream for stream in self._streams if stream.epoch in epochs)
        return [SendEpoch(epoch) for epoch in sorted(epochs)]

    def _mark(
        self, mark: AckMark, own: bytes | None, now_ms: int, answered: Question | None
    ) -> list[Effect]:
        progress = self._streams.get(mark.stream)
        if progress is None or mark.held.seq > progress.newest:
            return []  # not of this disk: a branch that another image of this node wrote
        if mark.held.seq and own is None and answered is None:
            return []  # purged here long ago: an old ack
        if mark.held.seq and own not in (mark.held.head, None):
            progress.stopped = True
            return [Report(Trouble.HISTORY_DIFFERS, mark.stream)]
        if mark.held.seq:
            self._known.add(mark.stream.epoch)
        effects = self._advance(mark, progress, now_ms)
        if answered is not None:
            effects += self._compare(mark, progress, answered)
        return effects

    def _compare(self, mark: AckMark, progress: Progress, answered: Question) -> list[Effect]:
        """Central said what it holds after all that was sent before the hello has arrived."""
        held, sent = answered.stood.get(mark.stream, (0, 0))
        if mark.held.seq < held:
            progress.held = mark.held.seq
            progress.backed_up = min(progress.backed_up, mark.backed_up)
            self._send_again([mark.stream])
            confirm = Confirm(mark.stream, progress.held, progress.backed_up)
            return [Report(Trouble.CENTRAL_LOST, mark.stream), confirm]
        if mark.held.seq < sent:
            self._send_again([mark.stream])
        return []

    def _advance(self, mark: AckMark, progress: Progress, now_ms: int) -> list[Effect]:
        stream, seq = mark.stream, mark.held.seq
        if seq < progress.held:
            return []
        if landed := self._flights.landed(stream, seq):
            self._pace.arrived(landed, self._flights.bytes, now_ms)
        if seq == progress.held and mark.backed_up <= progress.backed_up:
            return []
        progress.held = seq
        progress.sent = max(progress.sent, seq)
        progress.backed_up = max(progress.backed_up, mark.backed_up)
        return [Confirm(stream, seq, progress.backed_up)]

    def _refused(self, stream: Stream, first: int, why: Refused) -> list[Effect]:
        progress = self._streams.get(stream)
        if progress is None or first > progress.newest:
            return []
        if why is Refused.CONFLICT:
            progress.stopped = True
        elif why is not Refused.DICTIONARY:
            progress.form = Form.SEALED  # as it lies: what cannot be packed blocks nothing
        return [Report(trouble_of(why), stream)]

    def _late(self, now_ms: int) -> list[Effect]:
        if self.state is not State.ONLINE:
            return []
        if not (self._flights or self._question) or now_ms < self._ack_due_ms:
            return [self._hello(now_ms)] if now_ms >= self._hello_due_ms else []
        self._timeouts += 1
        self._pace.stalled(now_ms)
        self._asking = False
        self._ack_due_ms = now_ms + self._patience()
        if self._asked_in_vain:
            self._rewind(now_ms)
        self._redialling = self._timeouts % TIMEOUTS_BEFORE_RECONNECT == 0
        redial: list[Effect] = [Reconnect()] if self._redialling else []
        return [*redial, self._hello(now_ms)]

    def _rewind(self, now_ms: int) -> None:
        self._announced.clear()
        self._send_again(self._streams)
        self._ack_due_ms = now_ms + self._patience()

    def _send_again(self, streams: Iterable[Stream]) -> None:
        for stream in list(streams):
            progress = self._streams[stream]
            progress.sent = progress.held
            self._flights.lost(stream)

    def _hello(self, now_ms: int) -> SendHello:
        stood = {stream: (p.held, p.sent) for stream, p in self._streams.items()}
        nonce = self._chance(NONCE_BYTES)
        self._question = Question(nonce, now_ms, stood, frozenset(self._announced))
        if not self._flights:
            self._ack_due_ms = now_ms + self._patience()
        return SendHello(nonce)
