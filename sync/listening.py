"""The node's end of central's words: batches are opened, kept in order, and only then acked.

Central's streams carry no chain of their own: each batch is signed by central, and sealed under a
key that only this start of this node shares with it.
"""

from collections.abc import Callable
from contextlib import suppress

from sync.pump import Pump
from sync.store.errors import StoreFullError
from sync.store.inbox import Inbox
from sync.store.store import Store
from sync.wire import entries
from sync.wire.batch import unpack
from sync.wire.errors import WireError
from sync.wire.kinds.answers import CommandGiven
from sync.wire.kinds.registry import RegistryKeyGiven
from sync.wire.messages import Ack, AckMark, Batch, Form, Hello
from sync.wire.places import Mark, Stream
from sync.wire.seal import down

# Commands wait to be carried out; keys are kept for as long as the node has them.
_STAY = frozenset({CommandGiven.kind, RegistryKeyGiven.kind})


class Listening:
    """Used on the pump's thread.

    Attributes:
        unreadable: batches that this start could not open: central packs them again.
    """

    def __init__(self, pump: Pump, store: Store, inbox: Inbox) -> None:
        self.unreadable = 0
        self.on_commands: Callable[[], None] = lambda: None
        self._pump, self._store, self._inbox = pump, store, inbox
        pump.listeners[Batch] = self._batch
        pump.listeners[Hello] = self._hello

    def _batch(self, batch: Batch, _now_ms: int, wall_ms: int) -> None:
        held = self._inbox.mark(batch.stream).seq
        if batch.first <= held + 1 <= batch.last:
            canonical = self._opened(batch)
            if canonical is None:
                self.unreadable += 1
                return
            fresh = canonical[held + 1 - batch.first :]
            commands = {
                seq
                for seq, entry in enumerate(fresh, start=held + 1)
                if entries.decode(entry).kind in _STAY
            }
            try:
                self._inbox.keep(batch.stream, held + 1, fresh, commands, wall_ms)
            except StoreFullError:
                return  # not kept, so not acked: it comes again
            if commands:
                self.on_commands()
        self._ack(None, [(batch.stream, self._inbox.mark(batch.stream))], wall_ms)

    def _hello(self, hello: Hello, _now_ms: int, wall_ms: int) -> None:
        for one in hello.holdings:
            if self._inbox.mark(one.stream).seq < one.floor.seq:  # a disk that was put back
                with suppress(StoreFullError):  # then central asks again
                    self._inbox.skip(one.stream, one.floor.seq)
        marks = [(h.stream, self._inbox.mark(h.stream)) for h in hello.holdings]
        self._ack(hello.nonce, marks, wall_ms)

    def _opened(self, batch: Batch) -> list[bytes] | None:
        key = self._store.segments.current.derived(down(batch.stream.epoch))
        if batch.form is not Form.COLUMNS:
            return None
        try:
            items = unpack(batch, key)
        except WireError:
            return None
        return [item.entry for item in items if item.entry is not None]

    def _ack(self, nonce: bytes | None, marks: list[tuple[Stream, Mark]], wall_ms: int) -> None:
        told = tuple(AckMark(stream, mark, mark.seq) for stream, mark in marks)
        self._pump.tell(Ack(self._store.node_id, max(0, wall_ms), nonce, told))
