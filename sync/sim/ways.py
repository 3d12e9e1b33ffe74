"""The roads of a simulated machine: each may fall, and each may swallow what it seems to carry."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sync.transport.port import RoadEvent
from sync.transport.roads import Roads

COSTS = {"mqtt": 0, "https": 0}
LOOK_MS = 60_000  # a node looks each second; that would be most of what is simulated


@dataclass
class Way:
    """One road as the weather leaves it.

    Attributes:
        generation: grows when it falls: what was on it is gone.
        is_silent: it looks open, and nothing comes through.
    """

    up: bool = True
    is_silent: bool = False
    generation: int = 0

    @property
    def carries(self) -> bool:
        return self.up and not self.is_silent


@dataclass(frozen=True)
class Hands:
    """What a machine can do to its roads, each by its name."""

    send: Callable[[str, bytes], None]
    redial: Callable[[str], None]


class Choice:
    """The roads as one, as a process sees them.

    Attributes:
        look_ms: when ``look`` must be called.
    """

    def __init__(self, hands: Hands, now_ms: Callable[[], int]) -> None:
        self._hands, self._now_ms = hands, now_ms
        self.forget()

    def forget(self) -> None:
        """A new process begins with nothing known."""
        self._told: deque[RoadEvent] = deque()
        self._happened: dict[str, Callable[[RoadEvent], None]] = {}
        self._roads = Roads(COSTS, self._told.append, self._now_ms)
        self.look_ms = 0
        for name in COSTS:
            self._roads.add(name, partial(self._end, name))

    def send(self, data: bytes) -> None:
        self._roads.send(data)

    def reconnect(self) -> None:
        self._roads.reconnect()

    def hear(self, name: str, event: RoadEvent) -> list[RoadEvent]:
        """What the pump is told of what happened on a road."""
        self._happened[name](event)
        return self._taken()

    def look(self, now_ms: int) -> list[RoadEvent]:
        if now_ms < self.look_ms:
            return []
        self.look_ms = now_ms + LOOK_MS
        self._roads.look()
        return self._taken()

    def _taken(self) -> list[RoadEvent]:
        told = [*self._told]
        self._told.clear()
        return told

    def _end(self, name: str, happened: Callable[[RoadEvent], None]) -> "_End":
        self._happened[name] = happened
        return _End(name, self._hands)


@dataclass(frozen=True)
class _End:
    """A ``sync.transport.roads.Way``."""

    name: str
    hands: Hands

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def send(self, data: bytes) -> None:
        self.hands.send(self.name, data)

    def reconnect(self) -> None:
        self.hands.redial(self.name)
