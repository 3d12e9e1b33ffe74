"""What central has to say to each node, sent by the same machine that a node sends by.

A node's mail is looked at only while it has some: an idle fleet costs nothing. Streams downwards
carry no chain of their own: each batch is signed by central, and sealed under a key that only the
present start of the node shares with it. After a restart of the node it is packed again.

Each new start is asked what it has: a disk that was put back from an old image lacks what it had
confirmed. Decisions and messages are then sent again; commands that were confirmed never are.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sync.core.effects import Confirm, Effect, SendBatch, SendHello
from sync.core.events import Acked, Committed, Event, LinkUp, Sent, TimerDue
from sync.core.progress import Progress
from sync.core.sender import Sender
from sync.wire.batch import pack
from sync.wire.limits import STREAMS_MAX
from sync.wire.messages import Ack, Batch, Form, Hello, Holding, Message
from sync.wire.places import NO_HASH, Mark, Stream
from sync.wire.seal import SegmentKey, down

LETTERS_AT_ONCE = 50
ASKED_MS = 2 * 60_000  # what a new start has is awaited so long
LIFE_MS = 20 * 60_000  # after a node's last hello its mail waits until it says another


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a stream to a node has come. What is up to ``floor`` is never sent again."""

    node_id: str
    stream: Stream
    newest: int
    held: int
    floor: int = 0


class Letters(Protocol):
    """Where letters lie: SQL in service, memory in the simulator."""

    def number(self) -> None:
        """Give new letters their places in the streams of this start of central."""

    def reaches(self, node_id: str | None = None) -> list[Reach]:
        """Streams with letters that are not confirmed, the oldest first."""

    def known(self, node_id: str) -> list[Reach]:
        """Beside these, those of which a disk that was put back may lack something."""

    def after(self, node_id: str, stream: Stream, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """(sequence, canonical entry) of what follows ``seq``."""

    def confirm(self, node_id: str, stream: Stream, seq: int) -> None:
        """The node has everything up to ``seq``, and nothing after it."""


@dataclass(slots=True)
class _Post:
    """One node with mail."""

    sender: Sender
    streams: dict[Stream, int]  # the last sequence of each
    until_ms: int  # though nothing waits: the node was asked what it has


class Mailbox:
    """Tell it who is there, feed it acks, let it look each second or so. ``now_ms``: monotonic."""

    def __init__(
        self,
        epoch: bytes,
        letters: Letters,
        tell: Callable[[Message], int],
        key_of: Callable[[str, bytes], SegmentKey | None],
        chance: Callable[[int], bytes],
    ) -> None:
        """``epoch`` is this start of central's; ``tell`` signs, sends, and gives the size.

        ``key_of(node, epoch)`` is the segment key that this start of the node shared, if it did.
        """
        self._epoch, self._letters, self._tell = epoch, letters, tell
        self._key_of, self._chance = key_of, chance
        self._present: dict[str, tuple[bytes, int]] = {}  # the start that spoke last, and when
        self._posts: dict[str, _Post] = {}
        self._unasked: set[str] = set()  # whose present start did not yet say what it has

    @property
    def deadline_ms(self) -> int | None:
        """When to look at the latest; None: when something was written or somebody was heard."""
        due = [post.sender.deadline_ms for post in self._posts.values()]
        return min((at_ms for at_ms in due if at_ms is not None), default=None)

    def heard(self, node_id: str, epoch: bytes, now_ms: int) -> None:
        """A node said hello: it is there, in this start."""
        former = self._present.get(node_id)
        self._present[node_id] = epoch, now_ms
        if former is None or former[0] != epoch:
            self._posts.pop(node_id, None)  # sealed for another start: pack again
            self._unasked.add(node_id)
        self.look(now_ms)

    def acked(self, ack: Ack, now_ms: int) -> None:
        """A node's own ack, its signature verified."""
        own = {mark.stream: mark.held.head for mark in ack.marks}
        self._feed(ack.node_id, Acked(ack, own), now_ms)
        if ack.nonce is not None and ack.node_id in self._posts:
            self._posts[ack.node_id].until_ms = now_ms  # it has said what it has

    def look(self, now_ms: int) -> None:
        """Number what was written, and send what may go."""
        self._letters.number()
        reaches = self._letters.reaches()
        waiting = {reach.node_id for reach in reaches}
        self._posts = {
            node_id: one
            for node_id, one in self._posts.items()
            if node_id in waiting or now_ms < one.until_ms
        }
        for reach in reaches:
            self._offer(reach, now_ms)
        for node_id in sorted(self._unasked):
            if self._is_reached(node_id, now_ms) and node_id not in self._posts:
                self._open(node_id, now_ms)
        for node_id, post in list(self._posts.items()):
            deadline_ms = post.sender.deadline_ms
            if deadline_ms is not None and now_ms >= deadline_ms:
                self._feed(node_id, TimerDue(), now_ms)

    def _offer(self, reach: Reach, now_ms: int) -> None:
        node_id = reach.node_id
        if not self._is_reached(node_id, now_ms):
            self._posts.pop(node_id, None)
        elif node_id not in self._posts:
            self._open(node_id, now_ms)
        elif self._posts[node_id].streams.get(reach.stream) != reach.newest:
            self._posts[node_id].streams[reach.stream] = reach.newest
            self._feed(node_id, Committed({reach.stream: reach.newest}), now_ms)

    def _is_reached(self, node_id: str, now_ms: int) -> bool:
        epoch, seen_ms = self._present.get(node_id, (b"", now_ms - LIFE_MS))
        return now_ms - seen_ms < LIFE_MS and self._key_of(node_id, epoch) is not None

    def _open(self, node_id: str, now_ms: int) -> None:
        self._unasked.discard(node_id)
        progress = {
            one.stream: Progress(newest=one.newest, sent=one.held, held=one.held)
            for one in self._letters.known(node_id)[:STREAMS_MAX]
        }
        if not progress:
            return
        newest = {stream: one.newest for stream, one in progress.items()}
        epoch, _ = self._present[node_id]
        sender = Sender(epoch, progress.items(), self._chance)
        self._posts[node_id] = _Post(sender, newest, now_ms + ASKED_MS)
        self._feed(node_id, LinkUp(), now_ms)

    def _feed(self, node_id: str, event: Event, now_ms: int) -> None:
        post = self._posts.get(node_id)
        events = deque([event] if post is not None else [])
        while events and post is not None:  # ends: only a batch that was sent asks for another
            for effect in post.sender.handle(events.popleft(), now_ms):
                if (sent := self._carry_out(node_id, effect)) is not None:
                    events.append(sent)

    def _carry_out(self, node_id: str, effect: Effect) -> Sent | None:
        if isinstance(effect, SendBatch):
            return self._send_batch(node_id, effect)
        if isinstance(effect, SendHello):
            holdings = tuple(
                Holding(one.stream, Mark(one.floor, NO_HASH), Mark(one.newest, NO_HASH))
                for one in self._letters.known(node_id)[:STREAMS_MAX]
            )
            self._tell(Hello(node_id, effect.nonce, self._epoch, holdings))
        elif isinstance(effect, Confirm):
            self._letters.confirm(node_id, effect.stream, effect.held)
        return None  # a link is nothing to send, and nobody can be dialled from here

    def _send_batch(self, node_id: str, wish: SendBatch) -> Sent:
        rows = self._letters.after(node_id, wish.stream, wish.after, LETTERS_AT_ONCE)
        epoch, _ = self._present[node_id]
        key = self._key_of(node_id, epoch)
        if not rows or key is None:
            return Sent(wish.stream, 0, 0)
        bare = Batch(node_id, wish.stream, rows[0][0], len(rows), NO_HASH, Form.COLUMNS, b"")
        packed = pack(bare, [entry for _, entry in rows], key.derived(down(wish.stream.epoch)))
        return Sent(wish.stream, rows[-1][0], self._tell(packed))
