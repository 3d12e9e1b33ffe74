"""The writing side of delivery: what to send next, what an ack means, and when to send again.

    OFFLINE --LinkUp--> ONLINE --LinkDown--> OFFLINE

Lanes are served strictly in order, and within a lane the oldest epoch first. At most a window of
bytes is on its way; urgent records pass the window. When acks stop coming everything not acked
is sent again from the watermarks (go-back-N): a satellite link loses whole passes, not single
packets. Only an ack moves a watermark, and only the answer to a hello can move one back.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
from sync.wire.lanes import Lane
from sync.wire.limits import WINDOW_BYTES
from sync.wire.messages import NONCE_BYTES, Ack, AckMark, Form, Refused
from sync.wire.places import Stream

ACK_WAIT_MS = 10_000  # beyond the time that the bytes themselves take
ACK_WAIT_MS_MAX = 300_000
SLOWEST_BYTES_PER_MS = 8  # a 64 kbit/s link: a slower one sends some bytes twice
HELLO_EVERY_MS = 15 * 60_000  # so that a central that lost something learns it
TIMEOUTS_BEFORE_RECONNECT = 3


class State(Enum):
    OFFLINE = auto()
    ONLINE = auto()


@dataclass(slots=True)
class Progress:
    """How far one stream has come; all are sequence numbers."""

    newest: int = 0
    sent: int = 0
    held: int = 0
    backed_up: int = 0
    form: Form = Form.COLUMNS
    stopped: bool = False  # central holds another history here: sending cannot help


@dataclass(frozen=True, slots=True)
class _Flight:
    stream: Stream
    last: int
    size: int


class Sender:
    """Feed it events with the time; carry out the effects it returns, in order.

    Attributes:
        deadline_ms: when to feed ``TimerDue``, on the clock of ``now_ms``; None: not at all.
    """

    def __init__(
        self,
        epoch: bytes,
        progress: Iterable[tuple[Stream, Progress]],
        chance: Callable[[int], bytes],
    ) -> None:
        """``epoch`` is this start's; ``progress`` names every stream, the oldest epoch first."""
        self.state = State.OFFLINE
        self.deadline_ms: int | None = None
        self._epoch = epoch
        self._streams = dict(progress)
        self._chance = chance
        self._flights: deque[_Flight] = deque()
        self._announced: set[bytes] = set()  # epochs whose link was sent since the last rewind
        self._known: set[bytes] = set()  # epochs that central has acked
        self._nonce: bytes | None = None  # of the hello that is not yet answered
        self._at_hello: dict[Stream, tuple[int, int]] = {}  # what was held and sent then
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
        effects += self._next()
        self._set_deadline()
        return effects

    def _link(self, event: LinkUp | LinkDown, now_ms: int) -> list[Effect]:
        if isinstance(event, LinkDown):
            self.state = State.OFFLINE
            return []
        self.state = State.ONLINE
        if not self._redialling:  # then it is the same silence that goes on, and patience grows
            self._timeouts = 0
        self._redialling = False
        self._rewind(now_ms)
        return [self._hello(now_ms)]

    @property
    def _in_flight_bytes(self) -> int:
        return sum(flight.size for flight in self._flights)

    @property
    def _awaits(self) -> bool:
        return bool(self._flights) or self._nonce is not None

    def _next(self) -> list[Effect]:
        """The next thing to send; ``Sent`` asks again, so one at a time is enough."""
        if self.state is not State.ONLINE:
            return []
        full = self._in_flight_bytes >= WINDOW_BYTES
        for lane in (Lane.URGENT,) if full else Lane:
            for stream, progress in self._streams.items():
                if stream.lane is not lane or progress.stopped:
                    continue
                if progress.sent < progress.newest:
                    return self._batch(stream, progress)
        return []

    def _batch(self, stream: Stream, progress: Progress) -> list[Effect]:
        return [
            *self._introduced(stream.epoch),
            SendBatch(stream, progress.sent, progress.form),
        ]

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
        progress.sent = max(progress.sent, sent.last) if sent.last else progress.newest
        if sent.last:
            self._flights.append(_Flight(sent.stream, sent.last, sent.size))
            if len(self._flights) == 1:
                self._ack_due_ms = now_ms + self._patience()

    def _patience(self) -> int:
        wait = min(ACK_WAIT_MS << self._timeouts, ACK_WAIT_MS_MAX)
        return wait + self._in_flight_bytes // SLOWEST_BYTES_PER_MS

    def _acked(self, ack: Ack, own: dict[Stream, bytes | None], now_ms: int) -> list[Effect]:
        effects: list[Effect] = []
        oldest = list(self._flights)[:1]
        answers_hello = self._nonce is not None and ack.nonce == self._nonce
        for mark in ack.marks:
            effects += self._mark(mark, own.get(mark.stream), answers=answers_hello)
        if answers_hello:
            self._nonce = None
            self._timeouts = 0
            self._hello_due_ms = now_ms + HELLO_EVERY_MS
        for epoch in ack.asks:
            self._known.discard(epoch)
            effects.append(SendEpoch(epoch))
            self._send_again(stream for stream in self._streams if stream.epoch == epoch)
        for stream, first, why in ack.refused:
            effects += self._refused(stream, first, why)
        if ack.wants_hello and self._nonce is None and self.state is State.ONLINE:
            effects.append(self._hello(now_ms))
        if any(isinstance(effect, Confirm) for effect in effects):
            self._timeouts = 0
            if list(self._flights)[:1] != oldest:  # else it was passed: it may be lost
                self._ack_due_ms = now_ms + self._patience()
        return effects

    def _mark(self, mark: AckMark, own: bytes | None, *, answers: bool) -> list[Effect]:
        progress = self._streams.get(mark.stream)
        if progress is None or mark.held.seq > progress.newest:
            return []  # not of this disk: a branch that another image of this node wrote
        if mark.held.seq and own is None and not answers:
            return []  # purged here long ago: an old ack
        if mark.held.seq and own not in (mark.held.head, None):
            progress.stopped = True
            return [Report(Trouble.HISTORY_DIFFERS, mark.stream)]
        if mark.held.seq:
            self._known.add(mark.stream.epoch)
        effects = self._advance(mark, progress)
        if answers:
            effects += self._compare(mark, progress)
        return effects

    def _compare(self, mark: AckMark, progress: Progress) -> list[Effect]:
        """Central said what it holds after all that was sent before the hello has arrived."""
        held, sent = self._at_hello.get(mark.stream, (0, 0))
        if mark.held.seq < held:
            progress.held = mark.held.seq
            progress.backed_up = min(progress.backed_up, mark.backed_up)
            self._send_again([mark.stream])
            confirm = Confirm(mark.stream, progress.held, progress.backed_up)
            return [Report(Trouble.CENTRAL_LOST, mark.stream), confirm]
        if mark.held.seq < sent:
            self._send_again([mark.stream])
        return []

    def _advance(self, mark: AckMark, progress: Progress) -> list[Effect]:
        stream, seq = mark.stream, mark.held.seq
        if seq < progress.held:
            return []
        self._flights = deque(f for f in self._flights if f.stream != stream or f.last > seq)
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
            return [Report(Trouble.HISTORY_DIFFERS, stream)]
        progress.form = Form.SEALED  # as it lies: what cannot be packed blocks nothing
        return [Report(Trouble.REFUSED, stream)]

    def _late(self, now_ms: int) -> list[Effect]:
        effects: list[Effect] = []
        if self.state is not State.ONLINE:
            return effects
        if self._awaits and now_ms >= self._ack_due_ms:
            self._timeouts += 1
            self._rewind(now_ms)
            if self._timeouts % TIMEOUTS_BEFORE_RECONNECT == 0:
                self._redialling = True
                effects.append(Reconnect())
            effects.append(self._hello(now_ms))
        elif now_ms >= self._hello_due_ms:
            effects.append(self._hello(now_ms))
        return effects

    def _rewind(self, now_ms: int) -> None:
        self._announced.clear()
        self._send_again(self._streams)
        self._ack_due_ms = now_ms + self._patience()

    def _send_again(self, streams: Iterable[Stream]) -> None:
        for stream in list(streams):
            progress = self._streams[stream]
            progress.sent = progress.held
            self._flights = deque(f for f in self._flights if f.stream != stream)

    def _hello(self, now_ms: int) -> SendHello:
        self._nonce = self._chance(NONCE_BYTES)
        self._at_hello = {stream: (p.held, p.sent) for stream, p in self._streams.items()}
        if not self._flights:
            self._ack_due_ms = now_ms + self._patience()
        return SendHello(self._nonce)

    def _set_deadline(self) -> None:
        if self.state is not State.ONLINE:
            self.deadline_ms = None
        elif self._awaits:
            self.deadline_ms = self._ack_due_ms
        else:
            self.deadline_ms = self._hello_due_ms
