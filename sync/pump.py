"""The one loop of a node: take an event, step the sender, carry out its effects."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from sync import packing
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
from sync.core.progress import Progress
from sync.core.sender import Sender
from sync.store.errors import StoreFullError
from sync.store.store import Store
from sync.store.streams import Track
from sync.transport.port import Received, Road, RoadDown, RoadEvent, RoadUp
from sync.wire import entries, messages
from sync.wire.entries import Entry
from sync.wire.errors import MalformedError, WireError
from sync.wire.keys import CentralKeys
from sync.wire.messages import Ack, Hello, Message
from sync.wire.pieces import Piece
from sync.wire.sign import SigningKey, payload_of, sign, verified

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkState:
    """What people want to know of the link. Milliseconds are Unix time by the node's clock."""

    up: bool = False
    since_ms: int | None = None
    last_ack_ms: int | None = None
    troubles: frozenset[Trouble] = frozenset()
    foreign: int = 0  # messages that were not central's


@dataclass(frozen=True, slots=True)
class Handed:
    """Records that were handed to a road since the start, each as often as it was, in batches."""

    records: int = 0
    bytes: int = 0


class Pump:
    """Steps the sender and carries out its effects. One thread owns it.

    Attributes:
        link, handed: replaced whole at each change, so any thread may read them.
        central: whom this node believes.
        traffic: how sending stands, replaced at each tick.
        monotonic_ms: read after each batch, for packing takes time; None: time stands still.
        dictionaries: what batches are packed with; the catalogue brings them.
        listeners: who takes which other messages of central, verified, with (monotonic, wall) ms.
    """

    def __init__(
        self,
        store: Store,
        road: Road,
        signing: SigningKey,
        central: CentralKeys,
        chance: Callable[[int], bytes],
    ) -> None:
        self.link = LinkState()
        self.handed = Handed()
        self.listeners: dict[type[Message], Callable[[Any, int, int], None]] = {}
        self.on_beacon: Callable[[int], None] = lambda _: None
        self.monotonic_ms: Callable[[], int] | None = None
        self._store = store
        self._road = road
        self._signing = signing
        self.central = central
        self._sender = new_sender(store, chance)
        self._known = store.ready()
        self.dictionaries = packing.Dictionaries()
        self.packer = packing.Packer(store, self.dictionaries)
        self.traffic = self._sender.traffic()
        self._health: bytes | None = None
        self._health_seq = 0

    @property
    def deadline_ms(self) -> int | None:
        """When ``tick`` must be called at the latest, on the monotonic clock."""
        return self._sender.deadline_ms

    def tick(self, now_ms: int, wall_ms: int) -> None:
        """Look at the outbox and at the timer. Looking beats being told: nothing is missed."""
        newest = self._store.ready()
        if newest != self._known:
            self._known = newest
            self._feed(Committed(newest), now_ms, wall_ms)
        due = self._sender.deadline_ms
        if due is not None and now_ms >= due:
            self._feed(TimerDue(), now_ms, wall_ms)
        self.traffic = self._sender.traffic()

    def take(self, event: RoadEvent, now_ms: int, wall_ms: int) -> None:
        """Take what a road says."""
        match event:
            case RoadUp():
                self.link = replace(self.link, up=True, since_ms=wall_ms)
                self._feed(LinkUp(), now_ms, wall_ms)
                if self._health is not None:
                    self._feed(HealthReady(), now_ms, wall_ms)
            case RoadDown():
                if self.link.up:
                    self.link = replace(self.link, up=False, since_ms=wall_ms)
                self._feed(LinkDown(), now_ms, wall_ms)
            case Received(data):
                self._receive(data, now_ms, wall_ms)

    def offer_health(self, entry: Entry, now_ms: int, wall_ms: int) -> None:
        """Tell central the latest; it replaces what was not told yet."""
        self._health = entries.encode(entry)
        self._feed(HealthReady(), now_ms, wall_ms)

    def send_again(self, now_ms: int, wall_ms: int) -> None:
        """Send from the watermarks on, as after a new link; without one, nothing."""
        if self.link.up:
            self._feed(LinkUp(), now_ms, wall_ms)

    def tell(self, message: Message) -> None:
        """Sign and send. Being lost is normal: whoever needs an answer asks again."""
        self._send(message)

    def believe(self, central: CentralKeys) -> None:
        """Take only what this key signed from now on; to whom is sealed the next start decides."""
        self.central = central

    def _receive(self, data: bytes, now_ms: int, wall_ms: int) -> None:
        try:
            message = messages.decode(payload_of(data))
            if not isinstance(message, Piece):  # that one the catalogue's own signatures judge
                verified(data, self.central.signing)
                self._for_us(message)
        except WireError:
            self.link = replace(self.link, foreign=self.link.foreign + 1)
            return
        if isinstance(message, Ack):
            self._acked(message, now_ms, wall_ms)
        elif (listener := self.listeners.get(type(message))) is not None:
            listener(message, now_ms, wall_ms)

    def _for_us(self, message: Message) -> None:
        if isinstance(message, Piece) or message.node_id != self._store.node_id:
            raise MalformedError("not for this node")

    def _acked(self, ack: Ack, now_ms: int, wall_ms: int) -> None:
        self.link = replace(self.link, last_ack_ms=wall_ms)
        self.on_beacon(ack.central_ms)
        own = {mark.stream: self._store.hash_at(mark.stream, mark.held.seq) for mark in ack.marks}
        self._feed(Acked(ack, own), now_ms, wall_ms)

    def _feed(self, event: Event, now_ms: int, wall_ms: int) -> None:
        events = deque([event])
        while events:  # ends: only a batch that was sent asks for another event
            effects = self._sender.handle(events.popleft(), now_ms)
            self._keep([e for e in effects if isinstance(e, Confirm)], wall_ms)
            for effect in effects:
                if (sent := self._carry_out(effect, wall_ms)) is not None:
                    events.append(sent)
                    now_ms = self.monotonic_ms() if self.monotonic_ms else now_ms

    def _carry_out(self, effect: Effect, wall_ms: int) -> Sent | None:
        match effect:
            case SendBatch():
                return self._send_batch(effect, wall_ms)
            case SendHello() | SendEpoch() | SendHealth():
                if (message := self._message(effect)) is not None:
                    self._send(message)
            case Reconnect():
                log.warning("no ack came: closing the road to dial again")
                self._road.reconnect()
            case Report(trouble):
                self._report(trouble)
            case Confirm():
                pass  # kept together with the others of the same ack
        return None

    def _message(self, effect: SendHello | SendEpoch | SendHealth) -> Message | None:
        match effect:
            case SendHello(nonce):
                store = self._store
                return Hello(store.node_id, nonce, store.epoch, store.holdings())
            case SendEpoch(epoch):
                return self._store.link_of(epoch)
            case SendHealth():
                entry, self._health = self._health, None
                if entry is None:
                    return None
                self._health_seq += 1
                return packing.health_batch(self._store, self._health_seq, entry)

    def _report(self, trouble: Trouble) -> None:
        if trouble is Trouble.DICTIONARY:
            self.packer.do_without()
        elif trouble not in self.link.troubles:
            log.error("central and this node disagree: %s", trouble.value)
            self.link = replace(self.link, troubles=self.link.troubles | {trouble})

    def _send(self, message: Message) -> int:
        data = sign(messages.encode(message), self._signing)
        self._road.send(data)
        return len(data)

    def _send_batch(self, wish: SendBatch, wall_ms: int) -> Sent:
        batch = self.packer.next_batch(wish.stream, wish.after, wish.form, wish.bytes_max)
        if batch is None:
            return Sent(wish.stream, 0, 0)
        size = self._send(batch)
        self.handed = Handed(self.handed.records + batch.count, self.handed.bytes + size)
        with suppress(StoreFullError):  # the journey's time is lost, the record is not
            self._store.note_sent(wish.stream, batch.last, wall_ms)
        return Sent(wish.stream, batch.last, size)

    def _keep(self, confirms: list[Confirm], wall_ms: int) -> None:
        if not confirms:
            return
        tracks = [Track(c.stream, 0, c.held, c.backed_up, 0) for c in confirms]
        with suppress(StoreFullError):  # the next start asks central again
            self._store.note_acked(tracks, wall_ms)


def new_sender(store: Store, chance: Callable[[int], bytes]) -> Sender:
    """A sender that goes on where the disk says this node stood."""
    progress = [
        (
            track.stream,
            Progress(
                newest=track.newest, sent=track.held, held=track.held, backed_up=track.backed_up
            ),
        )
        for track in store.tracks()
    ]
    return Sender(store.epoch, progress, chance)


def run(
    pump: Pump,
    inbox: "SimpleQueue[Callable[[Pump, int, int], None] | None]",
    stop: threading.Event,
    clocks: Callable[[], tuple[int, int]],
) -> None:
    """Step the pump until ``stop`` is set; returns within a second of that.

    ``clocks()`` gives (monotonic, wall) milliseconds. ``inbox`` brings what other threads want
    done on this one; None only wakes it.
    """
    while not stop.is_set():
        with suppress(Empty):
            act = inbox.get(timeout=_wait_s(pump.deadline_ms, clocks()[0]))
            if act is not None:
                act(pump, *clocks())
        pump.tick(*clocks())


def _wait_s(deadline_ms: int | None, now_ms: int) -> float:
    """A second, so that stopping is quick, or less if something falls due before."""
    return 1.0 if deadline_ms is None else min(1.0, max(0, deadline_ms - now_ms) / 1000)
