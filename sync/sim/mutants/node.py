"""Deliberate bugs of a node: its disk, its starts, its sender."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256, Hash
from sqlite_utils import Database

from sync.core.effects import Confirm, Effect
from sync.core.events import Sent
from sync.core.sender import Sender
from sync.sim.crashes import Killed, MortalWriter
from sync.sim.mutants.breaking import both, replaced
from sync.store.segments import Segments
from sync.store.store import Receipt, Store
from sync.store.writer import DirectWriter
from sync.wire.messages import Holding
from sync.wire.places import Stream
from sync.wire.records import Record
from sync.wire.seal import SegmentKey


def saved_before_commit() -> AbstractContextManager[None]:
    """A person is told "saved" before the record is on the node's disk."""

    def run(self: MortalWriter, job: Callable[[Database], Any]) -> Any:
        results: list[Any] = []

        def noted(db: Database) -> Any:
            results.append(job(db))
            self.fuse.step()
            return results[0]

        try:
            return DirectWriter.run(self, noted)
        except Killed:
            return results[0]

    return replaced(MortalWriter, "run", run)


def form_written_twice() -> AbstractContextManager[None]:
    """A form that is sent again becomes a second record."""
    write = Store.write

    def forgetful(self: Store, record: Record, once: bytes | None = None) -> Receipt:  # noqa: ARG001
        return write(self, record)

    return replaced(Store, "write", forgetful)


def epoch_forgotten() -> AbstractContextManager[None]:
    """A node speaks under the same epoch and key after each start."""
    init = Segments.__init__

    def fixed(self: Segments, node_id: str, to_central: Any, chance: Any) -> None:
        del chance
        digest = Hash(SHA256())
        digest.update(node_id.encode())
        secret = digest.finalize()
        init(self, node_id, to_central, lambda length: secret[:length])

    return replaced(Segments, "__init__", fixed)


def purged_when_held() -> AbstractContextManager[None]:
    """A node drops what central holds, though no backup holds it yet."""
    purge = Store.purge

    def early(self: Any, saved_before_ms: int) -> dict[Stream, int]:
        self._writer.run(lambda db: db.conn.execute("UPDATE streams SET backed_up = held"))
        return purge(self, saved_before_ms)

    return replaced(Store, "purge", early)


def hello_lists_nothing() -> AbstractContextManager[None]:
    """A node's hello does not say what it still holds."""

    def nothing(self: Store) -> tuple[Holding, ...]:
        del self
        return ()

    return replaced(Store, "holdings", nothing)


def sent_counts_as_held() -> AbstractContextManager[None]:
    """The broker's word, or none at all, moves the watermark."""
    flew = Sender._flew  # noqa: SLF001

    def trusting(self: Any, sent: Sent, now_ms: int) -> None:
        flew(self, sent, now_ms)
        progress = self._streams[sent.stream]
        progress.held = progress.sent
        self._flights.lost(sent.stream)
        self._owed = [Confirm(sent.stream, progress.held, progress.backed_up)]

    following = Sender._next  # noqa: SLF001

    def confirming(self: Any, now_ms: int) -> list[Effect]:
        owed, self._owed = getattr(self, "_owed", []), []
        return [*owed, *following(self, now_ms)]

    return both(replaced(Sender, "_flew", trusting), replaced(Sender, "_next", confirming))


def never_sent_again() -> AbstractContextManager[None]:
    """What was lost on the way is not sent again when acks stop coming."""

    def keep(self: Sender, streams: Iterable[Stream]) -> None:
        del self, streams

    return replaced(Sender, "_send_again", keep)


def sent_in_the_clear() -> AbstractContextManager[None]:
    """Batches travel without their seal."""

    def seal(self: SegmentKey, place: bytes, plaintext: bytes, bound: bytes) -> bytes:
        del self, place, bound
        return plaintext

    return both(replaced(SegmentKey, "seal_batch", seal), replaced(SegmentKey, "open_batch", seal))


MUTANTS = (
    saved_before_commit,
    form_written_twice,
    epoch_forgotten,
    purged_when_held,
    hello_lists_nothing,
    sent_counts_as_held,
    never_sent_again,
    sent_in_the_clear,
)
