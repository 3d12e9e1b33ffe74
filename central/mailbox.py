"""What central has to say to each node, sent by the same machine that a node sends by.

A node's mail is looked at only while it has some: an idle fleet costs nothing.
"""

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from central.errors import LogError
from central.store import letters
from central.store.database import Database
from sync.core.effects import Confirm, Effect, SendBatch, SendHello
from sync.core.events import Acked, Committed, Event, LinkUp, Sent, TimerDue
from sync.core.progress import Progress
from sync.core.sender import Sender
from sync.wire.batch import pack
from sync.wire.messages import Ack, Batch, Form, Hello, Holding, Message
from sync.wire.places import BEGINNING, EPOCH_BYTES, NO_HASH, Mark, Stream
from sync.wire.seal import SegmentKey, down

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LETTERS_AT_ONCE = 50
LIFE_MS = 15 * 60_000  # after a node's last word its mail waits until it speaks again
STOP_TIMEOUT_S = 2.0

Send = Callable[[str, bytes], None]
KeyOf = Callable[[str, bytes], SegmentKey | None]


@dataclass(slots=True)
class _Post:
    """One node with mail."""

    sender: Sender
    streams: dict[Stream, int]  # the last sequence of each


class Mailbox:
    """``heard`` and ``acked`` may be called from any thread; the rest is its own thread's."""

    def __init__(
        self,
        database: Database,
        seal: Callable[[Message], bytes],
        send: Send,
        key_of: KeyOf,
        clocks: Callable[[], tuple[int, int]],
    ) -> None:
        """``key_of(node, epoch)`` is the segment key that this start of the node shared.

        ``clocks()`` gives (monotonic, wall) milliseconds.
        """
        self._database, self._seal, self._send = database, seal, send
        self._key_of, self._clocks = key_of, clocks
        self._epoch = secrets.token_bytes(EPOCH_BYTES)
        self._present: dict[str, tuple[bytes, int]] = {}  # the start that spoke last, and when
        self._posts: dict[str, _Post] = {}
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def heard(self, node_id: str, epoch: bytes) -> None:
        """A node said hello: it is there, in this start."""
        self._events.put(lambda: self._hello(node_id, epoch))

    def acked(self, ack: Ack) -> None:
        """A node's own ack, its signature verified."""
        self._events.put(lambda: self._feed(ack.node_id, _own(ack)))

    def _run(self) -> None:
        looked_ms = 0
        while not self._stopping.is_set():
            try:
                with suppress(Empty):
                    act = self._events.get(timeout=LOOK_EVERY_S)
                    if act is not None:
                        act()
                now_ms, _ = self._clocks()
                if now_ms - looked_ms >= LOOK_EVERY_S * 1000:
                    looked_ms = now_ms
                    self.look()
            except LogError as error:
                log.error("the mailbox waits: %s", error)  # noqa: TRY400  a sentence

    def look(self) -> None:
        """Number what was written, and send what may go. Raises LogError."""
        with self._database.reading() as connection:
            fresh = letters.unnumbered(connection)
        if fresh:
            with self._database.writing() as connection:
                letters.number(connection, self._epoch, letters.unnumbered(connection))
        with self._database.reading() as connection:
            reaches = letters.reaches(connection)
        self._posts = {
            node_id: post
            for node_id, post in self._posts.items()
            if node_id in {reach.node_id for reach in reaches}
        }
        now_ms, _ = self._clocks()
        for reach in reaches:
            self._offer(reach, now_ms)
        for node_id, post in list(self._posts.items()):
            deadline_ms = post.sender.deadline_ms
            if deadline_ms is not None and now_ms >= deadline_ms:
                self._feed(node_id, TimerDue())

    def _offer(self, reach: letters.Reach, now_ms: int) -> None:
        node_id = reach.node_id
        epoch, seen_ms = self._present.get(node_id, (b"", -LIFE_MS))
        if now_ms - seen_ms >= LIFE_MS or self._key_of(node_id, epoch) is None:
            self._posts.pop(node_id, None)
            return
        if node_id not in self._posts:
            progress = self._progress(node_id)
            newest = {stream: one.newest for stream, one in progress}
            self._posts[node_id] = _Post(Sender(epoch, progress, secrets.token_bytes), newest)
            self._feed(node_id, LinkUp())
        elif self._posts[node_id].streams.get(reach.stream) != reach.newest:
            self._posts[node_id].streams[reach.stream] = reach.newest
            self._feed(node_id, Committed({reach.stream: reach.newest}))

    def _progress(self, node_id: str) -> list[tuple[Stream, Progress]]:
        with self._database.reading() as connection:
            found = letters.reaches(connection, node_id)
        return [(one.stream, Progress(one.newest, one.held, one.held)) for one in found]

    def _hello(self, node_id: str, epoch: bytes) -> None:
        now_ms, _ = self._clocks()
        former = self._present.get(node_id)
        self._present[node_id] = epoch, now_ms
        if former is None or former[0] != epoch:
            self._posts.pop(node_id, None)  # sealed for another start: pack again
        self.look()

    def _feed(self, node_id: str, event: Event) -> None:
        post = self._posts.get(node_id)
        if post is None:
            return
        events = deque([event])
        while events:  # ends: only a batch that was sent asks for another event
            now_ms, wall_ms = self._clocks()
            for effect in post.sender.handle(events.popleft(), now_ms):
                if (sent := self._carry_out(node_id, effect, wall_ms)) is not None:
                    events.append(sent)

    def _carry_out(self, node_id: str, effect: Effect, wall_ms: int) -> Sent | None:
        if isinstance(effect, SendBatch):
            return self._send_batch(node_id, effect)
        if isinstance(effect, SendHello):
            with self._database.reading() as connection:
                reaches = letters.reaches(connection, node_id)
            holdings = tuple(
                Holding(one.stream, BEGINNING, Mark(one.newest, NO_HASH)) for one in reaches
            )
            self._tell(Hello(node_id, effect.nonce, self._epoch, holdings))
        elif isinstance(effect, Confirm):
            with self._database.writing() as connection:
                letters.confirm(connection, node_id, effect.stream, effect.held, wall_ms)
        return None

    def _send_batch(self, node_id: str, wish: SendBatch) -> Sent:
        with self._database.reading() as connection:
            rows = letters.after(connection, node_id, wish.stream, wish.after, LETTERS_AT_ONCE)
        epoch, _ = self._present[node_id]
        key = self._key_of(node_id, epoch)
        if not rows or key is None:
            return Sent(wish.stream, 0, 0)
        bare = Batch(node_id, wish.stream, rows[0][0], len(rows), NO_HASH, Form.COLUMNS, b"")
        own = key.derived(down(wish.stream.epoch))
        size = self._tell(pack(bare, [entry for _, entry in rows], own))
        return Sent(wish.stream, rows[-1][0], size)

    def _tell(self, message: Batch | Hello) -> int:
        data = self._seal(message)
        self._send(message.node_id, data)
        return len(data)


def _own(ack: Ack) -> Acked:
    """Streams downwards carry no chain: a mark is true of its sequence alone."""
    return Acked(ack, {mark.stream: mark.held.head for mark in ack.marks})
