"""Several roads as one: what is sent goes by the one in use, what comes is taken from any."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from sync.core.roads import Chooser
from sync.transport.port import Received, Road, RoadDown, RoadEvent, RoadUp
from sync.wire import messages
from sync.wire.errors import WireError
from sync.wire.lanes import Lane
from sync.wire.messages import Batch, Hello
from sync.wire.sign import payload_of


class Way(Road, Protocol):
    """A road that is started and stopped."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Roads:
    """A ``sync.transport.port.Road``. Every method may be called from any thread.

    Attributes:
        on_bytes: told the road and the size of each message, either way.
    """

    def __init__(
        self,
        costs: Mapping[str, int],
        on_event: Callable[[RoadEvent], None],
        now_ms: Callable[[], int],
    ) -> None:
        """``costs``: of each road by its name, 0 is free. ``now_ms`` is monotonic."""
        self._chooser = Chooser(costs)
        self._ways: dict[str, Way] = {}
        self._on_event, self._now_ms = on_event, now_ms
        self._lock = threading.RLock()
        self.on_bytes: Callable[[str, int], None] = lambda *_: None
        self._told: str | None = None  # the road that the other side believes in use

    @property
    def in_use(self) -> str | None:
        return self._chooser.in_use

    def add(self, name: str, make: Callable[[Callable[[RoadEvent], None]], Way]) -> None:
        """``make`` is given where the road says what happens. Before ``start``."""
        self._ways[name] = make(lambda event: self._happened(name, event))

    def start(self) -> None:
        for way in self._ways.values():
            way.start()

    def stop(self) -> None:
        for way in self._ways.values():
            way.stop()

    def send(self, data: bytes) -> None:
        with self._lock:
            name = self._chooser.in_use
            if name is not None:
                if _is_answered(data):
                    self._chooser.sent(name, self._now_ms())
                self._ways[name].send(data)
                self.on_bytes(name, len(data))

    def reconnect(self) -> None:
        """Only the road in use is in doubt."""
        with self._lock:
            if (name := self._chooser.in_use) is not None:
                self._ways[name].reconnect()

    def look(self) -> None:
        """Call each second or so: a road may have stalled, a better one proved itself."""
        with self._lock:
            self._chooser.look(self._now_ms())
            self._tell()

    def _happened(self, name: str, event: RoadEvent) -> None:
        with self._lock:
            now_ms = self._now_ms()
            match event:
                case RoadUp():
                    self._chooser.opened(name, now_ms)
                case RoadDown():
                    if self._told == name:  # even if it is chosen again: what was on it is gone
                        self._told = None
                        self._on_event(event)
                    self._chooser.closed(name, now_ms)
                case Received(data):
                    self.on_bytes(name, len(data))
                    self._chooser.heard(name, now_ms)
                    self._on_event(event)
            self._tell()

    def _tell(self) -> None:
        """A change of roads is the end of one link and the beginning of another."""
        name = self._chooser.in_use
        if name == self._told:
            return
        if self._told is not None:
            self._on_event(RoadDown("another road is in use"))
        self._told = name
        if name is not None:
            self._on_event(RoadUp())


def _is_answered(data: bytes) -> bool:
    """Whether central acks this: silence after anything else says nothing of the road."""
    try:
        message = messages.decode(payload_of(data))
    except WireError:
        return False
    return isinstance(message, Hello) or (
        isinstance(message, Batch) and message.stream.lane is not Lane.HEALTH
    )
