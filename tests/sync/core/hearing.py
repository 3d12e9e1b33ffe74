"""What a node would say, message by message, and a central over a log in memory."""

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.core.intake import Intake
from sync.core.receiver import FindingCode
from sync.sim.memory_log import MemoryLog, NodeLog
from sync.wire import batch, entries, messages
from sync.wire.compress import compress
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane
from sync.wire.messages import (
    Ack,
    Batch,
    EpochLink,
    Form,
    Hello,
    Holding,
    Message,
    segment_info,
)
from sync.wire.places import BEGINNING, NO_HASH, Mark, Stream
from sync.wire.seal import SegmentKey, new_opening_key
from sync.wire.sign import sign, verified

OURS, OTHER = "node-1", "node-2"
KEYS = {name: Ed25519PrivateKey.generate() for name in (OURS, OTHER)}
CENTRAL, READER = Ed25519PrivateKey.generate(), new_opening_key()
FIRST, SECOND, THIRD = b"epoch-01", b"epoch-02", b"epoch-03"


class Start:
    """What one start of a node writes in a lane: entries, their chain, and messages of them."""

    def __init__(
        self, epoch: bytes, count: int, parent: tuple[Stream, Mark] | None = None, word: str = ""
    ) -> None:
        self.stream = Stream(epoch, Lane.PEOPLE)
        self.key = SegmentKey((epoch + word.encode()).ljust(32, b"k"))
        self.parent = parent
        self.base = parent[1].head if parent else NO_HASH
        self.entries = [
            entries.encode(Entry("sample", Stamp(n), {"n": n, "word": word}))
            for n in range(1, count + 1)
        ]
        self.hashes = batch.chain(self.key, self.stream, 1, self.base, self.entries)

    def link(self) -> EpochLink:
        epoch = self.stream.epoch
        sealed = READER.public().seal(self.key.secret, segment_info(OURS, epoch))
        return EpochLink(OURS, epoch, (self.parent,) if self.parent else (), sealed)

    def mark(self, seq: int) -> Mark:
        return Mark(seq, self.hashes[seq - 1]) if seq else BEGINNING

    def batch(self, first: int, last: int) -> Batch:
        previous = self.hashes[first - 2] if first > 1 else self.base
        bare = Batch(OURS, self.stream, first, last - first + 1, previous, Form.COLUMNS, b"")
        return batch.pack(bare, self.entries[first - 1 : last], self.key)

    def as_they_lie(self, first: int, last: int) -> Batch:
        data = [
            [
                entries.seal(compress(self.entries[seq - 1]), self.key, OURS, self.stream, seq),
                self.hashes[seq - 1],
            ]
            for seq in range(first, last + 1)
        ]
        return replace(self.batch(first, last), form=Form.SEALED, data=data)

    def hello(self, floor: int, newest: int, nonce: bytes = b"nonce-08") -> Hello:
        holding = Holding(self.stream, self.mark(floor), self.mark(newest))
        return Hello(OURS, nonce, self.stream.epoch, (holding,))


class Central:
    def __init__(self, step: Callable[[], None] = lambda: None) -> None:
        self.log = MemoryLog(step=step)
        self.forget()

    def forget(self) -> None:
        """A new process over the same log."""
        publics = {name: key.public_key() for name, key in KEYS.items()}
        self.intake = Intake(self.log, CENTRAL, READER, publics.get)

    def hear(self, *told: Message, signer: str = OURS, sender: str = OURS) -> Ack | None:
        """Take messages in one group; give the ack to our node, its signature verified."""
        group = [(sender, sign(messages.encode(one), KEYS[signer])) for one in told]
        answers = dict(self.intake.take(group, 5_000))
        if OURS not in answers:
            return None
        ack = messages.decode(verified(answers[OURS], CENTRAL.public_key()))
        assert isinstance(ack, Ack)
        return ack

    @property
    def node(self) -> NodeLog:
        return self.log.nodes.get(OURS, NodeLog())

    def held(self) -> list[tuple[bytes, int]]:
        return [(stream.epoch, seq) for stream, seq in self.node.records]

    def found(self) -> set[FindingCode]:
        return {finding.code for finding in self.node.findings}
