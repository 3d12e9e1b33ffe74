"""The broker between nodes and central: it loses, doubles, spoils, delays, and tries to read."""

import random
from collections.abc import Callable
from functools import partial

from sync.sim.records import MARKER

DELAY_MS_MAX = 3_000
SLOW = 20  # times as long: overtaken by what is sent after it


class Broker:
    """Carries bytes as ill as it is told to.

    Attributes:
        fault: how likely each fault meets each message, 0..1.
        leaked: messages in which it could read a record.
    """

    def __init__(
        self, chance: random.Random, later: Callable[[int, Callable[[], None]], None]
    ) -> None:
        """``later(delay_ms, act)`` puts an act on the world's agenda."""
        self.fault = 0.01
        self.leaked = 0
        self._chance = chance
        self._later = later

    def carry(self, data: bytes, arrive: Callable[[bytes], None]) -> None:
        self.leaked += MARKER.encode() in data
        if self._meets_fault():
            return
        copies = 2 if self._meets_fault() else 1
        for _ in range(copies):
            carried = self._spoiled(data) if self._meets_fault() else data
            slow = SLOW if self._meets_fault() else 1
            delay_ms = self._chance.randint(20, DELAY_MS_MAX) * slow
            self._later(delay_ms, partial(arrive, carried))

    def _spoiled(self, data: bytes) -> bytes:
        at = self._chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self._chance.randrange(8)]) + data[at + 1 :]

    def _meets_fault(self) -> bool:
        return self._chance.random() < self.fault
