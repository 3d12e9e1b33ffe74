"""A node and central in the simulator: the real store, pump and intake on disks in memory."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import luggage
from sync.catalogue.ranges import Ask
from sync.core import receiver
from sync.core.intake import Intake
from sync.core.mailbox import Mailbox
from sync.listening import Listening
from sync.pump import Pump
from sync.sim.carriage import Carriage
from sync.sim.crashes import Fuse, MortalWriter
from sync.sim.disks import a_disk, blank
from sync.sim.library import Books, Library, Reader
from sync.sim.mail import Post
from sync.sim.memory_log import Concession, MemoryLog, NodeLog
from sync.store.inbox import Inbox
from sync.store.media import Media
from sync.store.segments import Segments
from sync.store.store import Receipt, Store
from sync.transport.port import RoadEvent
from sync.wire import messages
from sync.wire.entries import Entry, Stamp
from sync.wire.keys import CentralKeys
from sync.wire.kinds.media import MediaFile
from sync.wire.messages import Ack, Batch, Hello, Message
from sync.wire.pieces import Piece, Want
from sync.wire.places import EPOCH_BYTES
from sync.wire.records import Record
from sync.wire.seal import OpeningKey, SegmentKey, new_opening_key
from sync.wire.sign import payload_of, sign

START_MS = 1_790_000_000_000


@dataclass(frozen=True)
class Keys:
    """Made once: weather does not depend on them."""

    nodes: dict[str, Ed25519PrivateKey]
    central: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    opening: OpeningKey = field(default_factory=new_opening_key)

    @property
    def of_central(self) -> CentralKeys:
        return CentralKeys(self.central.public_key(), self.opening.public())


def new_keys(nodes: int) -> Keys:
    return Keys({f"node-{n}": Ed25519PrivateKey.generate() for n in range(nodes)})


class Node:
    """One machine. Its disk outlives its process; an image of the disk outlives the disk."""

    store: Store
    pump: Pump
    inbox: Inbox

    def __init__(
        self,
        node_id: str,
        keys: Keys,
        chance: random.Random,
        send: Callable[[bytes], None],
        redial: Callable[[], None],
    ) -> None:
        self.node_id = node_id
        self.fuse = Fuse()
        self.clock_off_ms = 0
        self.books = Books()
        self._keys = keys
        self._chance = chance
        self._send = send
        self._redial = redial
        self._now_ms = 0

    def start(self) -> None:
        """A new process on the same disk: a new epoch, nothing remembered."""
        self.fuse.left = None
        segments = Segments(self.node_id, self._keys.opening.public(), self._chance.randbytes)
        writer = MortalWriter(self.disk, self.fuse)
        self.store = Store(self.node_id, writer, self.disk, segments, self._stamp)
        self.pump = Pump(
            self.store,
            self,
            self._keys.nodes[self.node_id],
            self._keys.of_central,
            self._chance.randbytes,
        )
        self.inbox = Inbox(self.store, writer)
        Listening(self.pump, self.store, self.inbox)
        self.reader = Reader(self.books, self._keys.central.public_key(), self._want)
        self.pump.listeners[Piece] = lambda piece, now_ms, _: self.reader.heard(piece, now_ms)
        self.carriage = Carriage(self, writer, self._keys.nodes[self.node_id], self._chance)

    @property
    def due_ms(self) -> int:
        """When ``tick`` must be called."""
        due_ms = min(self.reader.due_ms(), self.carriage.due_ms)
        return due_ms if self.pump.deadline_ms is None else min(due_ms, self.pump.deadline_ms)

    def send(self, data: bytes) -> None:
        """The pump's road."""
        self.fuse.step()
        self._send(data)
        self.fuse.step()

    def reconnect(self) -> None:
        self._redial()

    def write(self, record: Record, once: bytes) -> Receipt:
        return self.store.write(record, once)

    def attach(self, content: bytes, once: bytes) -> Receipt:
        file = MediaFile(hashlib.sha256(content).digest(), len(content), "image/jpeg", "staff")
        return Media(self.store).keep(BytesIO(content), file, once)

    def take(self, event: RoadEvent, now_ms: int) -> None:
        self.fuse.step()
        self.pump.take(event, now_ms, self.wall(now_ms))
        self.fuse.step()

    def tick(self, now_ms: int) -> None:
        self.pump.tick(now_ms, self.wall(now_ms))
        self.reader.tick(now_ms, is_up=self.pump.link.up)
        self.carriage.step(now_ms)

    def report_health(self, now_ms: int) -> None:
        wall = self.wall(now_ms)
        self.pump.offer_health(Entry("sim.health", Stamp(wall), {"now": now_ms}), now_ms, wall)

    def luggage(self) -> list[bytes]:
        """What a courier takes along."""
        key = self._keys.nodes[self.node_id]
        told = luggage.of(self.store, self._chance.randbytes, everything=False)
        return [sign(messages.encode(message), key) for message in told]

    def image(self) -> bytes:
        return self.disk.conn.serialize()

    def put_image(self, image: bytes | None) -> None:
        """Start a process on a copied disk; None: on an empty one."""
        self.disk = a_disk(image if image is not None else blank())
        self.start()

    def wall(self, now_ms: int) -> int:
        """What this machine believes the time to be. Unix milliseconds."""
        self._now_ms = now_ms
        return max(0, START_MS + now_ms + self.clock_off_ms)

    def _want(self, name: str, ask: Ask) -> None:
        self.pump.tell(Want(self.node_id, name, ask.offset, ask.length))

    def _stamp(self) -> Stamp:
        return Stamp(self.wall(self._now_ms))


class Central:
    """Central's process over a log that outlives it."""

    def __init__(self, keys: Keys) -> None:
        self.fuse = Fuse()
        self.log = MemoryLog(step=self.fuse.step)
        self.restored = False  # a disk of it was lost
        self.library = Library(keys.central)
        self._keys = keys
        self.post = Post(self.fuse.step)
        self._starts = 0
        self._told: list[tuple[str, bytes]] = []
        self._heard: list[tuple[str, bytes]] = []
        self._acked: list[Ack] = []
        self._backup: dict[str, NodeLog] = {}
        self.start()

    def start(self) -> None:
        self.fuse.left = None
        self._starts += 1
        self.post.epoch = self._starts.to_bytes(EPOCH_BYTES, "big")
        self._told, self._heard, self._acked = [], [], []
        self._intake = self._intake_into(self.log)
        self._intake.on_want = self._answer
        self._intake.on_hello = lambda node_id, epoch: self._heard.append((node_id, epoch))
        self._intake.on_ack = self._acked.append
        chance = random.Random(self._starts)  # noqa: S311  nonces of a simulated central
        self.mailbox = Mailbox(
            self.post.epoch, self.post, self._tell, self._key_of, chance.randbytes
        )

    def take(self, node_id: str, data: bytes, now_ms: int) -> list[tuple[str, bytes]]:
        """Raises Killed, before, within or after the transaction."""
        self.fuse.step()
        acks = self._intake.take([(node_id, data)], START_MS + now_ms)
        self.fuse.step()
        heard, acked = [*self._heard], [*self._acked]
        self._heard.clear()
        self._acked.clear()
        for told, epoch in heard:
            self.mailbox.heard(told, epoch, now_ms)
        for ack in acked:
            self.mailbox.acked(ack, now_ms)
        self.mailbox.look(now_ms)
        return [*acks, *self._taken()]

    def look(self, now_ms: int) -> list[tuple[str, bytes]]:
        """What the mailbox says by itself. Raises Killed."""
        self.mailbox.look(now_ms)
        return self._taken()

    def _taken(self) -> list[tuple[str, bytes]]:
        told, self._told = self._told, []
        return told

    def _tell(self, message: Message) -> int:
        assert isinstance(message, Batch | Hello)
        data = sign(messages.encode(message), self._keys.central)
        self._told.append((message.node_id, data))
        return len(data)

    def _key_of(self, node_id: str, epoch: bytes) -> SegmentKey | None:
        link = self.log.book(node_id).links.get(epoch)
        return None if link is None else self._intake.key_of(link)

    def _answer(self, want: Want) -> None:
        piece = self.library.piece(want.name, want.offset, want.length)
        self._told.append((want.node_id, sign(messages.encode(piece), self._keys.central)))

    def ask_all(self, now_ms: int) -> list[tuple[str, bytes]]:
        """What central says when it starts: tell me what you hold."""
        return [
            (node_id, self._intake.seal_ack(Ack(node_id, START_MS + now_ms, None, (), (), True)))
            for node_id in self._keys.nodes
        ]

    def unfounded(self, node_id: str, ack: bytes) -> list[str]:
        """What this ack, on its way out, says is held while the log does not hold it."""
        message = messages.decode(payload_of(ack))
        if not isinstance(message, Ack):
            return []
        book = self.log.book(node_id)
        return [
            f"early: an ack for {mark.held.seq} of {node_id} left before the commit"
            for mark in message.marks
            if mark.held.seq > book.mark(mark.stream).seq
        ]

    def back_up(self) -> None:
        """Copy the log away; from then on the nodes may purge what the copy holds."""
        self._backup = self.log.copied()
        self.log.mark_backed_up()

    def restore(self) -> None:
        """The disk is lost: go on with what the newest backup holds."""
        kept = MemoryLog(self._backup).copied()
        self.log = MemoryLog(kept, self.fuse.step)
        self.restored = True
        self.post.letters.clear()  # no backup holds them: whoever wrote them writes again
        self.start()

    def replayed(self) -> MemoryLog:
        """A log made of nothing but the messages that this one kept."""
        log = MemoryLog()
        intake = self._intake_into(log)
        for node_id, node in self.log.nodes.items():
            for kept in node.kept:
                if isinstance(kept, bytes):
                    intake.take([(node_id, kept)], START_MS)
                else:
                    _concede(log, node_id, kept)
        return log

    def _intake_into(self, log: MemoryLog) -> Intake:
        publics = {node_id: key.public_key() for node_id, key in self._keys.nodes.items()}
        return Intake(log, self._keys.central, self._keys.opening, publics.get)


def _concede(log: MemoryLog, node_id: str, kept: Concession) -> None:
    with log.group(START_MS) as shelf:
        for finding in receiver.concede(shelf.book(node_id), kept.stream, kept.mark):
            shelf.concede(node_id, kept.stream, kept.mark)
            shelf.found(node_id, finding)
