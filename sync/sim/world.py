"""A deterministic world: nodes, a broker and one central, virtual time, one seed.

The nodes' store, pump and protocol and central's intake run as they are; replaced are the clock,
chance, the road and the disks. A ``Ledger`` notes what people were told.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sync.sim.broker import Broker
from sync.sim.carriage import between, home
from sync.sim.crashes import Killed
from sync.sim.ledger import Ledger
from sync.sim.machines import Central, Keys, Node
from sync.sim.memory_log import Place
from sync.sim.records import a_record, token
from sync.sim.sticks import Sticks
from sync.store.store import Receipt
from sync.transport.port import Received, RoadDown, RoadEvent, RoadUp
from sync.wire.lanes import Lane

REDIAL_MS = 2_000
NEVER_MS = 1 << 62
TRIES = 3  # how often a browser sends a form under which the node dies


@dataclass
class Line:
    """One machine's link to the broker."""

    node: Node
    up: bool = True
    generation: int = 0  # grows when the link falls: what was on it is gone
    image: bytes | None = None


class World:
    """Runs acts; ``calm`` ends all faults, and from then on promises fall due."""

    def __init__(self, seed: int, keys: Keys) -> None:
        self.now_ms = 0
        self.central = Central(keys)
        self.lines: list[Line] = []
        self.ledger = Ledger()
        self.keys = keys
        self._chance = random.Random(f"net {seed}")  # noqa: S311  weather, not secrets
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._turns = itertools.count()
        self._numbers = itertools.count()
        self.broker = Broker(self._chance, self.later)
        self.mute_until_ms = 0
        self.sticks = Sticks()
        for node_id in keys.nodes:
            self.add(node_id, None)

    @property
    def leaked(self) -> int:
        """Messages in which the broker could read a record."""
        return self.broker.leaked

    def run(self, duration_ms: int) -> None:
        """Deliver what is due, in order, until the time is up."""
        end_ms = self.now_ms + duration_ms
        while (due_ms := self._next_due_ms()) <= end_ms:
            self.now_ms = max(self.now_ms, due_ms)
            while self._agenda and self._agenda[0][0] <= self.now_ms:
                heapq.heappop(self._agenda)[2]()
            for line in self.lines:
                if line.node.due_ms <= self.now_ms:
                    self.tick(line)
            if self._mail_due_ms() <= self.now_ms:
                self.look_for_mail()
        self.now_ms = end_ms

    def calm(self) -> None:
        """End all faults; central asks, as it does when it starts."""
        self.broker.fault, self.mute_until_ms = 0.0, 0
        self.central.fuse.left = None
        for line in self.lines:
            line.node.fuse.left = None
            self.mend(line)
        self.central_asks()

    def write(self, line: Line, lane: int) -> None:
        """A member of staff sends a form."""
        number = next(self._numbers)
        record = a_record(Lane(lane), number)
        self._insist(line, number, token(number), lambda node, once: node.write(record, once))

    def attach(self, line: Line, size: int) -> None:
        """A member of staff attaches a file."""
        number = next(self._numbers)
        content = random.Random(f"file {number}").randbytes(size)  # noqa: S311  a photo
        name = self._insist(line, number, None, lambda node, once: node.attach(content, once))
        if name is not None:
            self.ledger.files[name] = content

    def _insist(
        self, line: Line, number: int, told: str | None, act: Callable[[Node, bytes], Receipt]
    ) -> Place | None:
        """If the node dies under a form, the browser sends the same form again."""
        for _ in range(TRIES):
            try:
                line.node.wall(self.now_ms)
                receipt = act(line.node, number.to_bytes(16, "big"))
            except Killed:
                self.revive(line)
                continue
            place = (line.node.node_id, receipt.stream, receipt.seq)
            if told is not None:
                self.ledger.saved[place] = told
            return place
        return None

    def cut(self, line: Line) -> None:
        if line.up:
            line.up = False
            line.generation += 1
            self.tell(line, RoadDown())

    def mend(self, line: Line) -> None:
        if not line.up:
            line.up = True
            self.tell(line, RoadUp())

    def add(self, node_id: str, image: bytes | None) -> None:
        def send(data: bytes) -> None:
            self._up(line, data)

        def redial() -> None:
            self.later(0, partial(self.cut, line))
            self.later(REDIAL_MS, partial(self.mend, line))

        line = Line(Node(node_id, self.keys, self._chance, send, redial))
        line.node.put_image(image)
        self.lines.append(line)
        self.connect(line)

    def connect(self, line: Line) -> None:
        line.generation += 1
        if line.up:
            self.tell(line, RoadUp())

    def revive(self, line: Line) -> None:
        line.node.start()
        self.connect(line)

    def tell(self, line: Line, event: RoadEvent) -> None:
        try:
            line.node.take(event, self.now_ms)
        except Killed:
            self.revive(line)

    def tick(self, line: Line) -> None:
        try:
            line.node.tick(self.now_ms)
        except Killed:
            self.revive(line)

    def _up(self, line: Line, data: bytes) -> None:
        generation = line.generation

        def arrive(data: bytes) -> None:
            if line.generation == generation:
                self._at_central(line.node.node_id, data)

        if line.up:
            self.broker.carry(data, arrive)

    def take_at_central(self, node_id: str, data: bytes) -> list[tuple[str, bytes]]:
        """Whatever brought it; give central's words, of which none may be early."""
        try:
            acks = self.central.take(node_id, data, self.now_ms)
        except Killed:
            self.central.start()
            self.central_asks()
            return []
        for target, ack in acks:
            self.ledger.early += self.central.unfounded(target, ack)
        return acks

    def look_for_mail(self) -> None:
        """Central has written, or waited long enough for a node's word."""
        try:
            told = self.central.look(self.now_ms)
        except Killed:
            self.central.start()
            self.central_asks()
            return
        for node_id, data in told:
            self._down(node_id, data)

    def hand_over(self, line: Line, relay: Line) -> None:
        """A laptop comes to the local network of another machine."""
        if relay.node.node_id == line.node.node_id:
            return
        ask = between(
            line.node, relay.node, self._chance, self.broker.fault, lambda: self.revive(relay)
        )
        try:
            line.node.carriage.hand_over(relay.node.node_id, ask, self.now_ms)
        except Killed:
            self.revive(line)

    def deliver(self, line: Line, data: bytes) -> None:
        self.tell(line, Received(data))

    def _at_central(self, node_id: str, data: bytes) -> None:
        for target, ack in self.take_at_central(node_id, data):
            self._down(target, ack)
            if target != node_id:  # which brought its words
                self._down(node_id, home(node_id, target, ack, self.keys.central))

    def look_for_early_words(self) -> None:
        """What a page calls "central has it", central has, unless its disk was lost since."""
        if self.central.restored:
            return
        for line in self.lines:
            book = self.central.log.book(line.node.node_id)
            self.ledger.early += [
                f"early: {line.node.node_id} shows more as confirmed than central holds"
                for track in line.node.store.tracks()
                if track.held > book.mark(track.stream).seq
            ]

    def central_asks(self) -> None:
        for node_id, data in self.central.ask_all(self.now_ms):
            self._down(node_id, data)

    def _down(self, node_id: str, data: bytes) -> None:
        if self.now_ms < self.mute_until_ms:
            return
        for line in self.lines:
            if line.node.node_id == node_id and line.up:
                self.broker.carry(data, self._deliver_to(line))

    def _deliver_to(self, line: Line) -> Callable[[bytes], None]:
        generation = line.generation

        def arrive(data: bytes) -> None:
            if line.generation == generation:
                self.deliver(line, data)

        return arrive

    def later(self, delay_ms: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now_ms + delay_ms, next(self._turns), act))

    def _next_due_ms(self) -> int:
        due = [line.node.due_ms for line in self.lines]
        due += [self._agenda[0][0]] if self._agenda else []
        return min(*due, self._mail_due_ms())

    def _mail_due_ms(self) -> int:
        deadline_ms = self.central.mailbox.deadline_ms
        return NEVER_MS if deadline_ms is None else deadline_ms

    def on_a_disk(self, place: Place) -> bool:
        node_id, stream, seq = place
        stores = (line.node.store for line in self.lines if line.node.node_id == node_id)
        return any(store.journey(stream, seq) is not None for store in stores)
