"""Deliberate bugs: each breaks one rule of the protocol, and the simulator must catch it.

A mutant is a context: within it the rule is broken for the whole process.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256, Hash
from sqlite_utils import Database

from sync.catalogue.ranges import Ask, Ranges
from sync.core import intake, receiver
from sync.core.effects import Confirm, Effect, SendBatch
from sync.core.events import Sent
from sync.core.intake import Intake
from sync.core.mailbox import Mailbox
from sync.core.receiver import Book, Finding, Verdict
from sync.core.sender import Sender
from sync.sim import script
from sync.sim.crashes import Killed, MortalWriter
from sync.store.segments import Segments
from sync.store.store import Receipt, Store
from sync.store.writer import DirectWriter
from sync.wire.messages import AckMark, Batch, Holding
from sync.wire.places import Mark, Stream
from sync.wire.records import Record
from sync.wire.seal import SegmentKey


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    former = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, former)


def ack_before_commit() -> AbstractContextManager[None]:
    """Central's ack leaves before its transaction is on disk."""

    def take(self: Any, group: list[tuple[str, bytes]], now_ms: int) -> list[tuple[str, bytes]]:
        acks: list[tuple[str, bytes]] = []
        drafts: dict[str, Any] = {}
        try:
            with self._log.group(now_ms) as shelf:
                for node_id, data in group:
                    draft = drafts.setdefault(node_id, intake._Draft())  # noqa: SLF001
                    self._message(shelf, node_id, data, draft)
                acks = [
                    (node_id, self.seal_ack(intake._ack(node_id, draft, now_ms)))  # noqa: SLF001
                    for node_id, draft in drafts.items()
                    if draft.answers
                ]
        except Killed:
            if not acks:
                raise
        return acks

    return _replaced(Intake, "take", take)


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

    return _replaced(MortalWriter, "run", run)


def form_written_twice() -> AbstractContextManager[None]:
    """A form that is sent again becomes a second record."""
    write = Store.write

    def forgetful(self: Store, record: Record, once: bytes | None = None) -> Receipt:  # noqa: ARG001
        return write(self, record)

    return _replaced(Store, "write", forgetful)


def no_dedupe() -> AbstractContextManager[None]:
    """Central appends whatever comes, whether it holds it or not."""

    def judge(book: Book, batch: Batch) -> Verdict:
        return Verdict.NEW if batch.stream.epoch in book.links else Verdict.EPOCH_UNKNOWN

    def append(
        self: Intake, shelf: Any, batch: Batch, items: list[Any], data: bytes, draft: Any
    ) -> None:
        del self
        book = shelf.book(batch.node_id)
        held = book.mark(batch.stream)
        mark = Mark(held.seq + len(items), items[-1].hash)
        receiver.advance(book, batch.stream, mark)
        shelf.keep(batch.node_id, data)
        shelf.append(batch.node_id, batch.stream, held.seq + 1, items)
        draft.marks[batch.stream] = AckMark(batch.stream, Mark(batch.last, items[-1].hash), 0)

    return _both(_replaced(receiver, "judge", judge), _replaced(Intake, "_append", append))


def epoch_forgotten() -> AbstractContextManager[None]:
    """A node speaks under the same epoch and key after each start."""
    init = Segments.__init__

    def fixed(self: Segments, node_id: str, to_central: Any, chance: Any) -> None:
        del chance
        digest = Hash(SHA256())
        digest.update(node_id.encode())
        secret = digest.finalize()
        init(self, node_id, to_central, lambda length: secret[:length])

    return _replaced(Segments, "__init__", fixed)


def purged_when_held() -> AbstractContextManager[None]:
    """A node drops what central holds, though no backup holds it yet."""
    purge = Store.purge

    def early(self: Any, saved_before_ms: int) -> dict[Stream, int]:
        self._writer.run(lambda db: db.conn.execute("UPDATE streams SET backed_up = held"))
        return purge(self, saved_before_ms)

    return _replaced(Store, "purge", early)


def hello_lists_nothing() -> AbstractContextManager[None]:
    """A node's hello does not say what it still holds."""

    def nothing(self: Store) -> tuple[Holding, ...]:
        del self
        return ()

    return _replaced(Store, "holdings", nothing)


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

    return _both(_replaced(Sender, "_flew", trusting), _replaced(Sender, "_next", confirming))


def never_sent_again() -> AbstractContextManager[None]:
    """What was lost on the way is not sent again when acks stop coming."""

    def keep(self: Sender, streams: Iterable[Stream]) -> None:
        del self, streams

    return _replaced(Sender, "_send_again", keep)


def link_not_asked_for() -> AbstractContextManager[None]:
    """Central does not ask for an epoch's key that it lacks."""
    ack = intake._ack  # noqa: SLF001

    def silent(node_id: str, draft: Any, now_ms: int) -> Any:
        draft.asks.clear()
        return ack(node_id, draft, now_ms)

    return _replaced(intake, "_ack", silent)


def ack_beyond_the_disk() -> AbstractContextManager[None]:
    """Central acks what it holds, though the node's restored disk says it wrote less."""

    def boastful(book: Book, stream: Stream, newest: Mark) -> AckMark:
        del newest
        return AckMark(stream, book.mark(stream), book.backed_up.get(stream, 0))

    return _replaced(intake, "_ack_mark", boastful)


def child_before_parent() -> AbstractContextManager[None]:
    """Records of a new start are taken before the last ones of the start before."""
    judge = receiver.judge

    def eager(book: Book, batch: Batch) -> Verdict:
        verdict = judge(book, batch)
        return Verdict.NEW if verdict is Verdict.PARENT_FIRST else verdict

    return _replaced(receiver, "judge", eager)


def branches_unseen() -> AbstractContextManager[None]:
    """Nobody compares where a new start left its past: forks and clones pass unnoticed."""

    def blind(book: Book, stream: Stream) -> list[Finding]:
        del book, stream
        return []

    return _replaced(receiver, "_branches", blind)


def sent_in_the_clear() -> AbstractContextManager[None]:
    """Batches travel without their seal."""

    def seal(self: SegmentKey, place: bytes, plaintext: bytes, bound: bytes) -> bytes:
        del self, place, bound
        return plaintext

    return _both(
        _replaced(SegmentKey, "seal_batch", seal), _replaced(SegmentKey, "open_batch", seal)
    )


def chunk_not_written() -> AbstractContextManager[None]:
    """A chunk of a file is counted and not written."""
    together = Store.write_together

    def thinned(self: Store, acts: Any, *more: Any) -> list[Receipt]:
        if len(acts) < 3:
            return together(self, acts, *more)
        receipts = together(self, acts[1:], *more)
        return [receipts[0], *receipts]

    return _replaced(Store, "write_together", thinned)


def piece_not_asked_for_again() -> AbstractContextManager[None]:
    """A piece of the catalogue that was lost on the way is waited for for ever."""
    due = Ranges.due

    def once(self: Ranges, now_ms: int) -> list[Ask]:
        asks = due(self, now_ms)
        for sent in self._sent.values():
            sent.until_ms = script.YEAR_MS * 100
        return asks

    return _replaced(Ranges, "due", once)


def letter_confirmed_when_sent() -> AbstractContextManager[None]:
    """Central takes a letter for arrived as soon as it was sent."""
    send = Mailbox._send_batch  # noqa: SLF001

    def trusting(self: Any, node_id: str, wish: SendBatch) -> Sent:
        sent = send(self, node_id, wish)
        if sent.last:
            self._letters.confirm(node_id, sent.stream, sent.last)
        return sent

    return _replaced(Mailbox, "_send_batch", trusting)


def letter_sealed_for_an_earlier_start() -> AbstractContextManager[None]:
    """Central goes on under the key of the start of a node that it heard first."""
    heard = Mailbox.heard

    def faithful(self: Any, node_id: str, epoch: bytes, now_ms: int) -> None:
        first, _ = self._present.get(node_id, (epoch, 0))
        heard(self, node_id, first, now_ms)

    return _replaced(Mailbox, "heard", faithful)


@contextmanager
def _both(
    first: AbstractContextManager[None], second: AbstractContextManager[None]
) -> Iterator[None]:
    with first, second:
        yield


MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    mutant.__name__.replace("_", "-"): mutant
    for mutant in (
        ack_before_commit,
        saved_before_commit,
        form_written_twice,
        no_dedupe,
        epoch_forgotten,
        purged_when_held,
        hello_lists_nothing,
        sent_counts_as_held,
        never_sent_again,
        link_not_asked_for,
        ack_beyond_the_disk,
        child_before_parent,
        branches_unseen,
        sent_in_the_clear,
        chunk_not_written,
        piece_not_asked_for_again,
        letter_confirmed_when_sent,
        letter_sealed_for_an_earlier_start,
    )
}
