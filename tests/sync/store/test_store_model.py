"""Whatever staff, central and the power do in whatever order, the store agrees with a list."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync.store.streams import Track
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from tests.sync.store.node import NAME, PASSPHRASE, Node, a_household

SURNAMES = st.sampled_from(["Шевченко", "Франко", "Українка"])
ACTS = st.none() | st.sampled_from([b"form-1", b"form-2", b"form-3"])


@dataclass(frozen=True, slots=True)
class Written:
    stream: Stream
    seq: int
    surname: str
    once: bytes | None


class StoreAgainstAList(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.living: list[Written] = []
        self.counts: dict[Stream, int] = {}
        self.held: dict[Stream, int] = {}
        self.backed_up: dict[Stream, int] = {}

    @initialize()
    def begin(self) -> None:
        self.node = Node(Path(self._folder.name))
        self.node.accounts.create_first(NAME, PASSPHRASE)

    @rule(surname=SURNAMES, once=ACTS)
    def write(self, surname: str, once: bytes | None) -> None:
        receipt = self.node.store.write(a_household(surname), once)
        known = [w for w in self.living if once is not None and w.once == once]
        assert receipt.repeated == bool(known)
        if known:
            assert [(receipt.stream, receipt.seq)] == [(w.stream, w.seq) for w in known]
            return
        assert receipt.stream.epoch == self.node.store.epoch
        assert receipt.seq == self.counts.get(receipt.stream, 0) + 1
        self.counts[receipt.stream] = receipt.seq
        self.living.append(Written(receipt.stream, receipt.seq, surname, once))

    @precondition(lambda self: self.counts)
    @rule(share=st.integers(0, 4), backed=st.integers(0, 4))
    def central_acks(self, share: int, backed: int) -> None:
        for stream, count in self.counts.items():
            self.held[stream] = max(self.held.get(stream, 0), count * share // 4)
            safe = self.held[stream] * backed // 4
            self.backed_up[stream] = max(self.backed_up.get(stream, 0), safe)
        marks = [
            Track(stream, 0, self.held[stream], self.backed_up[stream], 0) for stream in self.counts
        ]
        self.node.store.note_acked(marks, 2_000)

    @rule()
    def purge(self) -> None:
        self.node.store.purge(9_000)
        self.living = [w for w in self.living if w.seq > self.backed_up.get(w.stream, 0)]
        self._forget()

    @rule()
    def lock(self) -> None:
        self.node.accounts.lock()

    @rule()
    def unlock(self) -> None:
        self.node.accounts.sign_in(NAME, PASSPHRASE)
        self._forget()

    @rule()
    def restart(self) -> None:
        self.node.off()
        self.node = Node(Path(self._folder.name))

    @rule()
    def lose_the_working_set(self) -> None:
        self.node.off()
        (Path(self._folder.name) / "working.db").unlink(missing_ok=True)
        self.node = Node(Path(self._folder.name))

    @invariant()
    def every_living_record_is_there_in_order_and_chained(self) -> None:
        rows = self.node.store.rows_in_order(0, 1_000)
        assert [(r.stream, r.seq) for r in rows] == [(w.stream, w.seq) for w in self.living]
        for row in rows:
            opened = self.node.store.open_row(row)
            key = self.node.store.segments.key_of(row.stream.epoch)
            if opened is None or key is None:
                continue
            link = self.node.store.link_of(row.stream.epoch)
            assert link is not None
            base = link.base(row.stream.lane)
            before = (
                self.node.store.hash_at(row.stream, row.seq - 1)
                if row.seq > 1
                else (base[1].head if base else bytes(32))
            )
            assert before is not None
            assert row.hash == key.link(before, row.stream.place(row.seq), opened)

    @invariant()
    def the_ledger_is_right(self) -> None:
        depth = self.node.store.depths()[Lane.PEOPLE]
        assert depth.written == sum(self.counts.values())
        assert depth.held == sum(self.held.values())
        assert depth.backed_up == sum(self.backed_up.values())

    @invariant()
    def staff_see_what_is_there_when_it_is_unlocked(self) -> None:
        if self.node.working.is_open:
            assert self.node.shown() == sorted(w.surname for w in self.living)

    def teardown(self) -> None:
        self.node.off()
        self._folder.cleanup()

    def _forget(self) -> None:
        floors = {t.stream: t.floor for t in self.node.store.tracks() if t.floor}
        self.node.working.forget(floors)


TestStoreAgainstAList = StoreAgainstAList.TestCase
TestStoreAgainstAList.settings = settings(max_examples=12, stateful_step_count=20)
