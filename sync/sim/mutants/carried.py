"""Deliberate bugs of what travels beside records: files, catalogue, letters, parcels."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from sync.catalogue.ranges import Ask, Ranges
from sync.core.effects import SendBatch
from sync.core.events import Sent
from sync.core.mailbox import Mailbox
from sync.core.roads import Chooser
from sync.handover import Handover
from sync.sim import script
from sync.sim.mutants.breaking import both, replaced
from sync.store.store import Receipt, Store
from sync.transport.roads import Roads


def chunk_not_written() -> AbstractContextManager[None]:
    """A chunk of a file is counted and not written."""
    together = Store.write_together

    def thinned(self: Store, acts: Any, *more: Any) -> list[Receipt]:
        if len(acts) < 3:
            return together(self, acts, *more)
        receipts = together(self, acts[1:], *more)
        return [receipts[0], *receipts]

    return replaced(Store, "write_together", thinned)


def piece_not_asked_for_again() -> AbstractContextManager[None]:
    """A piece of the catalogue that was lost on the way is waited for for ever."""
    due = Ranges.due

    def once(self: Ranges, now_ms: int) -> list[Ask]:
        asks = due(self, now_ms)
        for sent in self._sent.values():
            sent.until_ms = script.YEAR_MS * 100
        return asks

    return replaced(Ranges, "due", once)


def letter_confirmed_when_sent() -> AbstractContextManager[None]:
    """Central takes a letter for arrived as soon as it was sent."""
    send = Mailbox._send_batch  # noqa: SLF001

    def trusting(self: Any, node_id: str, wish: SendBatch) -> Sent:
        sent = send(self, node_id, wish)
        if sent.last:
            self._letters.confirm(node_id, sent.stream, sent.last)
        return sent

    return replaced(Mailbox, "_send_batch", trusting)


def letter_sealed_for_an_earlier_start() -> AbstractContextManager[None]:
    """Central goes on under the key of the start of a node that it heard first."""
    heard = Mailbox.heard

    def faithful(self: Any, node_id: str, epoch: bytes, now_ms: int) -> None:
        first, _ = self._present.get(node_id, (epoch, 0))
        heard(self, node_id, first, now_ms)

    return replaced(Mailbox, "heard", faithful)


def relay_counts_as_central() -> AbstractContextManager[None]:
    """What a relay took, a laptop takes for held at central."""
    visit = Handover.visit

    def trusting(self: Any, address: str, now_ms: int, wall_ms: int) -> None:
        visit(self, address, now_ms, wall_ms)
        tracks = [replace(track, held=track.newest) for track in self._store.tracks()]
        self._store.note_acked(tracks, wall_ms)

    return replaced(Handover, "visit", trusting)


def silent_road_not_left() -> AbstractContextManager[None]:
    """A node waits for ever on a road that looks open and carries nothing."""

    def patient(self: Chooser, now_ms: int) -> None:
        del self, now_ms

    def keep(self: Roads) -> None:
        del self

    return both(replaced(Chooser, "_let_stalled_rest", patient), replaced(Roads, "reconnect", keep))


MUTANTS = (
    chunk_not_written,
    piece_not_asked_for_again,
    letter_confirmed_when_sent,
    letter_sealed_for_an_earlier_start,
    relay_counts_as_central,
    silent_road_not_left,
)
