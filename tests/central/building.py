"""A central on files of a test's own, and a node that speaks to it."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from central.store.database import Database
from central.store.log import SqlLog
from sync.core.intake import Intake
from sync.core.shelf import Log
from sync.sim.machines import Keys, Node
from sync.transport.port import Received, RoadUp
from sync.wire.records import Record

NODE = "node-0"


def a_log(folder: Path, name: str = "central") -> tuple[Database, SqlLog]:
    database = Database(f"sqlite:///{folder / name}.db")
    database.migrate()
    return database, SqlLog(database)


def an_intake(log: Log, keys: Keys) -> Intake:
    publics = {node_id: key.public_key() for node_id, key in keys.nodes.items()}
    return Intake(log, keys.central, keys.opening, publics.get)


@dataclass
class Talker:
    """A node whose messages a test carries by hand."""

    keys: Keys
    image: bytes | None = None  # of another machine's disk, which it then starts from
    seed: int = 3
    node_id: str = NODE
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.node = Node(self.node_id, self.keys, chance, self.sent.append, lambda: None)
        self.node.put_image(self.image)
        self.node.take(RoadUp(), 0)
        self._numbers = (chance.randbytes(16) for _ in range(100_000))

    def twin(self) -> "Talker":
        """A second machine that starts from a copy of this one's disk."""
        return Talker(self.keys, self.node.image(), self.seed + 1)

    def write(self, *records: Record) -> None:
        for record in records:
            self.node.write(record, next(self._numbers))

    def messages(self, now_ms: int = 0) -> list[bytes]:
        """What it has to say by now."""
        self.node.tick(now_ms)
        said, self.sent[:] = list(self.sent), []
        return said

    def hear(self, ack: bytes) -> None:
        self.node.take(Received(ack), 0)

    def talk(self, intake: Intake, now_ms: int = 1_000) -> None:
        """Until nothing is left to say."""
        while said := self.messages():
            for data in said:
                for _, ack in intake.take([(self.node_id, data)], now_ms):
                    self.hear(ack)

    @property
    def waiting(self) -> int:
        return sum(depth.waiting for depth in self.node.store.depths().values())

    @property
    def backed_up(self) -> int:
        return sum(depth.backed_up for depth in self.node.store.depths().values())
