"""A node's real store and pump, a road that is cut again and again, and central's real intake."""

import heapq
import itertools
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from central.store.database import Database
from central.store.log import SqlLog
from sync.core.intake import Intake
from sync.pump import Pump
from sync.sim.machines import Keys, new_keys
from sync.transport.port import Received, RoadDown, RoadUp
from sync.wire import messages
from sync.wire.lanes import Lane
from sync.wire.messages import Batch
from sync.wire.sign import payload_of
from tests.sync.store.node import CENTRAL, NODE, Node

START_MS = 1_790_000_000_000
PATIENCE_MS = 24 * 3_600_000


@dataclass
class Sky:
    """A road's weather. Times are milliseconds."""

    bytes_per_ms: float = 1_250  # 10 Mbit/s
    one_way_ms: int = 40
    cuts: int = 0
    cut_after: Callable[[int], int] = lambda _: 1_000  # up for so long before the n-th cut
    down_ms: int = 500


@dataclass
class Carried:
    """What the road was given, and what it lost."""

    sent: Counter[tuple[Lane, int]] = field(default_factory=Counter)
    arrived: list[tuple[int, Lane, int]] = field(default_factory=list)  # when, and which record
    lost_bytes: int = 0
    cuts: int = 0
    largest_flight: int = 0  # bytes that were on their way at a cut, at most


class World:
    """Virtual time; everything else is real: files, seals, signatures, columns, SQL."""

    def __init__(self, folder: Path, sky: Sky) -> None:
        self.sky = sky
        self.now_ms = 0
        self.carried = Carried()
        self.node = Node(folder)
        self.database = Database(f"sqlite:///{folder / 'central.db'}")
        self.database.migrate()
        fresh = new_keys(2)
        keys = Keys(fresh.nodes, fresh.central, CENTRAL)
        publics = {name: key.public_key() for name, key in keys.nodes.items()}
        self._intake = Intake(SqlLog(self.database), keys.central, keys.opening, publics.get)
        self.pump = Pump(self.node.store, self, keys.nodes[NODE], keys.of_central, os.urandom)
        self.pump.monotonic_ms = lambda: self.now_ms
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._life = 0  # of the connection: what belongs to an earlier one is lost
        self._up = False
        self._free_at_ms = 0.0
        self._on_road: Counter[int] = Counter()  # bytes by connection
        self._plan_up(0)

    def send(self, data: bytes) -> None:
        """The pump's road."""
        message = messages.decode(payload_of(data))
        if isinstance(message, Batch):
            places = range(message.first, message.first + message.count)
            self.carried.sent.update((message.stream.lane, seq) for seq in places)
        if not self._up:
            self.carried.lost_bytes += len(data)
            return
        self._free_at_ms = max(self._free_at_ms, self.now_ms) + len(data) / self.sky.bytes_per_ms
        life = self._life
        self._on_road[life] += len(data)
        self._plan(
            int(self._free_at_ms) + self.sky.one_way_ms, lambda: self._at_central(data, life)
        )

    def reconnect(self) -> None:
        self._cut(again_in_ms=self.sky.down_ms)

    def run(self, until: Callable[[], bool]) -> None:
        """Until it holds. Fails after a virtual day."""
        while not until():
            assert self.now_ms < PATIENCE_MS, "it does not come to an end"
            self.step()

    def all_held(self) -> bool:
        return all(track.held == track.newest for track in self.node.store.tracks())

    def step(self) -> None:
        self.pump.tick(self.now_ms, START_MS + self.now_ms)
        due = self.pump.deadline_ms
        soonest = min([self._events[0][0] if self._events else self.now_ms + 1_000, due or 1 << 60])
        self.now_ms = max(self.now_ms, soonest)
        while self._events and self._events[0][0] <= self.now_ms:
            heapq.heappop(self._events)[2]()

    def _plan(self, at_ms: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at_ms, next(self._order), act))

    def _plan_up(self, in_ms: int) -> None:
        self._plan(self.now_ms + in_ms, self._open)

    def _open(self) -> None:
        self._up = True
        self._life += 1
        life = self._life
        self._free_at_ms = self.now_ms
        if self.carried.cuts < self.sky.cuts:
            after = self.sky.cut_after(self.carried.cuts)
            self._plan(self.now_ms + after, lambda: self._cut_if(life))
        self._tell(RoadUp())

    def _cut_if(self, life: int) -> None:
        if life == self._life and self._up:
            self.carried.cuts += 1
            self._cut(self.sky.down_ms)

    def _cut(self, again_in_ms: int) -> None:
        flight = self._on_road[self._life]
        self.carried.largest_flight = max(self.carried.largest_flight, flight)
        self.carried.lost_bytes += flight
        self._up = False
        self._life += 1
        self._tell(RoadDown())
        self._plan_up(again_in_ms)

    def _at_central(self, data: bytes, life: int) -> None:
        if life != self._life:
            return
        self._on_road[life] -= len(data)
        message = messages.decode(payload_of(data))
        if isinstance(message, Batch):
            self.carried.arrived += [
                (self.now_ms, message.stream.lane, seq)
                for seq in range(message.first, message.first + message.count)
            ]
        for _, ack in self._intake.take([(NODE, data)], START_MS + self.now_ms):
            self._plan(self.now_ms + self.sky.one_way_ms, partial(self._at_node, ack, life))

    def _at_node(self, ack: bytes, life: int) -> None:
        if life == self._life:
            self._tell(Received(ack))

    def _tell(self, event: RoadUp | RoadDown | Received) -> None:
        self.pump.take(event, self.now_ms, START_MS + self.now_ms)
