"""Deliberate bugs of central: its intake and what it concludes."""

from contextlib import AbstractContextManager
from typing import Any

from sync.core import intake, receiver
from sync.core.intake import Intake
from sync.core.receiver import Book, Finding, Verdict
from sync.sim.crashes import Killed
from sync.sim.mutants.breaking import both, replaced
from sync.wire.messages import AckMark, Batch
from sync.wire.places import Mark, Stream


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

    return replaced(Intake, "take", take)


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

    return both(replaced(receiver, "judge", judge), replaced(Intake, "_append", append))


def link_not_asked_for() -> AbstractContextManager[None]:
    """Central does not ask for an epoch's key that it lacks."""
    ack = intake._ack  # noqa: SLF001

    def silent(node_id: str, draft: Any, now_ms: int) -> Any:
        draft.asks.clear()
        return ack(node_id, draft, now_ms)

    return replaced(intake, "_ack", silent)


def ack_beyond_the_disk() -> AbstractContextManager[None]:
    """Central acks what it holds, though the node's restored disk says it wrote less."""

    def boastful(book: Book, stream: Stream, newest: Mark) -> AckMark:
        del newest
        return AckMark(stream, book.mark(stream), book.backed_up.get(stream, 0))

    return replaced(intake, "_ack_mark", boastful)


def child_before_parent() -> AbstractContextManager[None]:
    """Records of a new start are taken before the last ones of the start before."""
    judge = receiver.judge

    def eager(book: Book, batch: Batch) -> Verdict:
        verdict = judge(book, batch)
        return Verdict.NEW if verdict is Verdict.PARENT_FIRST else verdict

    return replaced(receiver, "judge", eager)


def branches_unseen() -> AbstractContextManager[None]:
    """Nobody compares where a new start left its past: forks and clones pass unnoticed."""

    def blind(book: Book, stream: Stream) -> list[Finding]:
        del book, stream
        return []

    return replaced(receiver, "_branches", blind)


MUTANTS = (
    ack_before_commit,
    no_dedupe,
    link_not_asked_for,
    ack_beyond_the_disk,
    child_before_parent,
    branches_unseen,
)
