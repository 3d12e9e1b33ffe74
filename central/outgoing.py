"""What central has to say to nodes that a courier visits: sealed for the start they told of."""

import secrets
from collections.abc import Iterator

from central.assembly import Core
from central.mailbox import SqlLetters
from sync.core.mailbox import LETTERS_AT_ONCE
from sync.wire.batch import pack
from sync.wire.messages import Ack, Batch, Form
from sync.wire.places import EPOCH_BYTES, NO_HASH
from sync.wire.seal import SegmentKey, down


class Outgoing:
    """Listens to the intake while a stick is taken in, and then gives each node's mail."""

    def __init__(self, core: Core, now_ms: int) -> None:
        self._core = core
        self._letters = SqlLetters(core.database, secrets.token_bytes(EPOCH_BYTES), lambda: now_ms)
        self._starts: dict[str, bytes] = {}  # of each node, the one that it told of last
        self._acks: list[Ack] = []
        self._relays: dict[str, set[str]] = {}
        core.intake.on_hello = self._starts.__setitem__
        core.intake.on_ack = self._acks.append
        core.intake.on_carried = lambda relay, node: self._relays.setdefault(relay, set()).add(node)

    def settle(self) -> None:
        """Note what the nodes say that they have. Not within the intake's own transaction."""
        for ack in self._acks:
            for mark in ack.marks:
                self._letters.confirm(ack.node_id, mark.stream, mark.held.seq)
        self._acks.clear()

    def carried_by(self, relay_id: str) -> set[str]:
        """Nodes whose words a relay brought on this run."""
        return self._relays.get(relay_id, set())

    def mail(self, node_id: str) -> Iterator[bytes]:
        """All that the node did not say that it has, if it can open it. Raises LogError."""
        key = self._key_of(node_id)
        if key is None:
            return
        self._letters.number()
        for reach in self._letters.reaches(node_id):
            seq, stream = reach.held, reach.stream
            own = key.derived(down(stream.epoch))
            while rows := self._letters.after(node_id, stream, seq, LETTERS_AT_ONCE):
                first, seq = rows[0][0], rows[-1][0]
                bare = Batch(node_id, stream, first, len(rows), NO_HASH, Form.COLUMNS, b"")
                batch = pack(bare, [entry for _, entry in rows], own)
                yield self._core.intake.seal_ack(batch)

    def _key_of(self, node_id: str) -> SegmentKey | None:
        link = self._core.log.book(node_id).links.get(self._starts.get(node_id, b""))
        return None if link is None else self._core.intake.key_of(link)
