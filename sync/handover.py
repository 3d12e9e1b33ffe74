"""The field laptop's end of a relay: while no road of its own is open, records go to the next room.

All that central has not confirmed is handed over once, however long the relay itself is in the
dark; acks come home by the same turns.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sync.packing import Packer
from sync.store.errors import StoreFullError
from sync.store.inbox import Inbox
from sync.store.store import Store
from sync.transport.relay import RelayError, Trouble
from sync.wire import messages
from sync.wire.errors import WireError
from sync.wire.limits import BATCH_BYTES_MAX
from sync.wire.messages import (
    NONCE_BYTES,
    Ack,
    AckMark,
    Batch,
    EpochLink,
    Form,
    Hello,
    Message,
)
from sync.wire.places import Mark, Stream
from sync.wire.sign import payload_of

log = logging.getLogger(__name__)

PATIENCE_MS = 10_000  # the own road may take so long to open
BAG_BYTES = 512 * 1024
HELLO_EVERY_MS = 15 * 60_000
FORGET_MS = 6 * 3_600_000  # a relay may have lost its disk: then all is offered again
TURNS_MAX = 32  # at one look, so that it ends


# A turn at the relay of that address, as RelayLine.exchange says it, with what is to be signed.
Exchange = Callable[[str, int, list[Message]], tuple[list[bytes], int]]


@dataclass(slots=True)
class _Visit:
    """What one relay has from us."""

    began_ms: int
    after: int = 0
    hello_ms: int | None = None
    handed: dict[Stream, int] = field(default_factory=dict)
    linked: set[bytes] = field(default_factory=set)
    heard: list[tuple[Stream, Mark]] = field(default_factory=list)


class Handover:
    """Used by one thread, the timetable's.

    Attributes:
        trouble: why nobody took anything the last time; None: somebody did, or none was needed.
        relay: who took it, an address.
    """

    def __init__(
        self,
        store: Store,
        inbox: Inbox,
        packer: Packer,
        exchange: Exchange,
        hear: Callable[[bytes], None],
        chance: Callable[[int], bytes],
    ) -> None:
        """``hear`` brings central's words to the pump."""
        self.trouble: Trouble | None = None
        self.relay: str | None = None
        self._store, self._inbox, self._packer = store, inbox, packer
        self._exchange, self._hear, self._chance = exchange, hear, chance
        self._visits: dict[str, _Visit] = {}
        self._plain: set[Stream] = set()  # central would not take these in columns
        self._down_ms: int | None = None

    def look(self, addresses: Sequence[str], now_ms: int, wall_ms: int, *, link_up: bool) -> None:
        """Hand over to the first relay that takes it, if our own road has been closed a while."""
        if link_up or not addresses:
            self._down_ms = self.trouble = self.relay = None
            return
        self._down_ms = now_ms if self._down_ms is None else self._down_ms
        if now_ms - self._down_ms < PATIENCE_MS:
            return
        for address in addresses:
            try:
                self.visit(address, now_ms, wall_ms)
            except RelayError as error:
                if error.trouble is not self.trouble:
                    log.warning("a relay takes nothing: %s", error.trouble.value)
                self.trouble = error.trouble
            else:
                self.trouble, self.relay = None, address
                return

    def visit(self, address: str, now_ms: int, wall_ms: int) -> None:
        """Hand over what that relay lacks. Raises RelayError; what it took until then it has."""
        visit = self._visits.setdefault(address, _Visit(now_ms))
        if now_ms - visit.began_ms > FORGET_MS:
            visit = self._visits[address] = _Visit(now_ms, visit.after)
        for _ in range(TURNS_MAX):
            bag = self._bag(visit, now_ms)
            answers, visit.after = self._exchange(address, visit.after, bag)
            self._note(visit, bag, now_ms, wall_ms)
            for answer in answers:
                self._learn(visit, answer)
                self._hear(answer)
            if not any(isinstance(one, Batch) for one in bag):
                return

    def _bag(self, visit: _Visit, now_ms: int) -> list[Message]:
        """Links and batches that this relay lacks, the most urgent first, and a hello."""
        found: list[Message] = []
        size = 0
        tracks = sorted(self._store.tracks(), key=lambda one: one.stream.lane)
        for track in tracks:
            stream = track.stream
            after = max(track.held, track.floor, visit.handed.get(stream, 0))
            form = Form.SEALED if stream in self._plain else Form.COLUMNS
            while size < BAG_BYTES and after < track.newest:
                batch = self._packer.next_batch(stream, after, form, BATCH_BYTES_MAX)
                if batch is None:
                    break
                found += self._link(visit, stream.epoch, found)
                found.append(batch)
                after = batch.last
                size += len(messages.encode(batch))
        hello_due = visit.hello_ms is None or now_ms - visit.hello_ms >= HELLO_EVERY_MS
        heard = self._inbox.marks()
        if found or hello_due or heard != visit.heard:
            found += self._about(visit, found, heard)
        return found

    def _about(
        self, visit: _Visit, found: list[Message], heard: list[tuple[Stream, Mark]]
    ) -> list[Message]:
        """This start, what came of central's words, and a hello."""
        store = self._store
        said: list[Message] = self._link(visit, store.epoch, found)
        if heard:
            marks = tuple(AckMark(stream, mark, mark.seq) for stream, mark in heard)
            said.append(Ack(store.node_id, 0, None, marks))
        nonce = self._chance(NONCE_BYTES)
        return [*said, Hello(store.node_id, nonce, store.epoch, store.holdings())]

    def _link(self, visit: _Visit, epoch: bytes, found: list[Message]) -> list[Message]:
        link = self._store.link_of(epoch)
        if link is None or epoch in visit.linked or link in found:
            return []
        return [link]

    def _note(self, visit: _Visit, bag: list[Message], now_ms: int, wall_ms: int) -> None:
        for message in bag:
            if isinstance(message, Batch):
                visit.handed[message.stream] = message.last
                with suppress(StoreFullError):  # the journey's time is lost, the record is not
                    self._store.note_sent(message.stream, message.last, wall_ms)
            elif isinstance(message, EpochLink):
                visit.linked.add(message.epoch)
            elif isinstance(message, Ack):
                visit.heard = [(mark.stream, mark.held) for mark in message.marks]
            elif isinstance(message, Hello):
                visit.hello_ms = now_ms

    def _learn(self, visit: _Visit, answer: bytes) -> None:
        """What central lacks is offered again; the pump judges whether the words are central's."""
        try:
            ack = messages.decode(payload_of(answer))
        except WireError:
            return
        if not isinstance(ack, Ack):
            return
        visit.linked -= set(ack.asks)
        for stream, _, _ in ack.refused:
            self._plain.add(stream)
            visit.handed.pop(stream, None)
        for stream in [one for one in visit.handed if one.epoch in ack.asks or ack.wants_hello]:
            del visit.handed[stream]
