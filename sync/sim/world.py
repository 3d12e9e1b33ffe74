"""A deterministic world: nodes, a broker and one central, virtual time, one seed.

The nodes' store, pump and protocol and central's intake run as they are; replaced are the clock,
chance, the road and the disks. A ``Ledger`` notes what people were told.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from functools import partial

from sync.sim.broker import Broker
from sync.sim.carriage import between, home
from sync.sim.crashes import Killed
from sync.sim.ledger import Ledger
from sync.sim.line import Line
from sync.sim.machines import Central, Keys, Node
from sync.sim.memory_log import Place
from sync.sim.records import a_record, token
from sync.sim.sticks import Sticks
from sync.sim.ways import COSTS, Choice, Hands
from sync.store.store import Receipt
from sync.transport.port import Received, RoadDown, RoadEvent, RoadUp
from sync.wire.lanes import Lane

REDIAL_MS = 2_000
NEVER_MS = 1 << 62
TRIES = 3  # how often a browser sends a form under which the node dies


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
        self._heard_by: dict[str, str] = {}
        for node_id in keys.nodes:
            self.add(node_id, None)

    @property
    def leaked(self) -> int:
        """Messages in which the broker could read a record."""
        return self.broker.leaked

    def run(self, duration_ms: int) -> None:
        """Deliver what is due, in order, until the time is up."""
        end_ms = self.now_ms + duration_ms
        while True:
            due = [(line.due_ms, line) for line in self.lines]
            next_ms = min(self._other_due_ms(), *(due_ms for due_ms, _ in due))
            if next_ms > end_ms:
                break
            self.now_ms = max(self.now_ms, next_ms)
            while self._agenda and self._agenda[0][0] <= self.now_ms:
                heapq.heappop(self._agenda)[2]()
            for due_ms, line in due:
                if due_ms <= self.now_ms:
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
            self._leave_one_road(line)
        self.central_asks()

    def _leave_one_road(self, line: Line) -> None:
        """A road that is silent may stay so if another carries: one is enough.

        Not so for two machines under one name: central answers where it last heard that name.
        """
        namesakes = [one for one in self.lines if one.node.node_id == line.node.node_id]
        silent = [way for way in line.ways.values() if way.is_silent]
        for way in silent if len(namesakes) > 1 else silent[len(COSTS) - 1 :]:
            way.is_silent = False
        self.mend(line)

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

    def cut(self, line: Line, names: Iterable[str] = COSTS) -> None:
        for name in names:
            way = line.ways[name]
            if way.up:
                way.up = False
                way.generation += 1
                self._hear(line, name, RoadDown())

    def mend(self, line: Line, names: Iterable[str] = COSTS) -> None:
        for name in names:
            if not line.ways[name].up:
                line.ways[name].up = True
                self._hear(line, name, RoadUp())

    def add(self, node_id: str, image: bytes | None) -> None:
        def send(name: str, data: bytes) -> None:
            self._up(line, name, data)

        def redial(name: str) -> None:
            self.later(0, partial(self.cut, line, [name]))
            self.later(REDIAL_MS, partial(self.mend, line, [name]))

        choice = Choice(Hands(send, redial), lambda: self.now_ms)
        node = Node(node_id, self.keys, self._chance, choice.send, choice.reconnect)
        line = Line(node, choice)
        line.node.put_image(image)
        self.lines.append(line)
        self.connect(line)

    def connect(self, line: Line) -> None:
        """A process of it has started, and dials."""
        line.choice.forget()
        for name, way in line.ways.items():
            way.generation += 1
            if way.up:
                self._hear(line, name, RoadUp())

    def revive(self, line: Line) -> None:
        line.node.start()
        self.connect(line)

    def deliver(self, line: Line, data: bytes) -> None:
        """What no road brought."""
        try:
            line.node.take(Received(data), self.now_ms)
        except Killed:
            self.revive(line)

    def _hear(self, line: Line, name: str, event: RoadEvent) -> None:
        try:
            for told in line.choice.hear(name, event):
                line.node.take(told, self.now_ms)
        except Killed:
            self.revive(line)

    def tick(self, line: Line) -> None:
        try:
            for told in line.choice.look(self.now_ms):
                line.node.take(told, self.now_ms)
            line.node.tick(self.now_ms)
        except Killed:
            self.revive(line)

    def _up(self, line: Line, name: str, data: bytes) -> None:
        way = line.ways[name]
        generation = way.generation

        def arrive(data: bytes) -> None:
            if way.generation == generation:
                self._heard_by[line.node.node_id] = name
                self._at_central(line.node.node_id, data)

        if way.carries:
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
            line.node.node_id,
            lambda: relay.node.carriage,
            self._chance,
            self.broker.fault,
            partial(self.revive, relay),
        )
        try:
            line.node.carriage.hand_over(relay.node.node_id, ask, self.now_ms)
        except Killed:
            self.revive(line)

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
        """Central answers by the road by which it last heard that node."""
        name = self._heard_by.get(node_id, next(iter(COSTS)))
        if self.now_ms < self.mute_until_ms:
            return
        for line in self.lines:
            if line.node.node_id == node_id and line.ways[name].carries:
                self.broker.carry(
                    data, partial(self._arrive, line, name, line.ways[name].generation)
                )

    def _arrive(self, line: Line, name: str, generation: int, data: bytes) -> None:
        if line.ways[name].generation == generation:
            self._hear(line, name, Received(data))

    def later(self, delay_ms: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now_ms + delay_ms, next(self._turns), act))

    def _other_due_ms(self) -> int:
        """When something is due that no machine waits for."""
        due_ms = self._mail_due_ms()
        return min(due_ms, self._agenda[0][0]) if self._agenda else due_ms

    def _mail_due_ms(self) -> int:
        deadline_ms = self.central.mailbox.deadline_ms
        return NEVER_MS if deadline_ms is None else deadline_ms

    def on_a_disk(self, place: Place) -> bool:
        node_id, stream, seq = place
        stores = (line.node.store for line in self.lines if line.node.node_id == node_id)
        return any(store.journey(stream, seq) is not None for store in stores)
