"""What the pump and central need of a road. MQTT is one; the simulator's link is another."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RoadUp:
    """The road can carry messages from now on. Nothing sent before is remembered by it."""


@dataclass(frozen=True, slots=True)
class RoadDown:
    """The road is closed. What was on it may or may not arrive."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes from the other end, as they came: not yet verified, possibly twice, in any order."""

    data: bytes


RoadEvent = RoadUp | RoadDown | Received


class Road(Protocol):
    """Delivers at most once, in no promised order. Never blocks, never raises."""

    def send(self, data: bytes) -> None:
        """Hand over for sending. Being lost is normal; the sender will send again."""

    def reconnect(self) -> None:
        """Drop the connection and dial again: acks stopped coming though the road looks open."""
