"""What devices said: frozen, with their source. ``None``: the device did not say, never zero."""

from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class HostReading:
    """The machine that the node stands on."""

    source: str  # who was asked
    disk_free_bytes: int | None = None  # what an ordinary process may still fill
    disk_total_bytes: int | None = None
    memory_used_bytes: int | None = None  # what no new process could have
    memory_total_bytes: int | None = None
    cpu_percent: int | None = None  # busy share of all cores since the reading before, 0..100
    temperature_c: int | None = None  # the processor's, or the hottest there is
    up_s: int | None = None  # since the machine started


@dataclass(frozen=True, slots=True)
class Seen(Generic[R]):
    """A good reading and when it was taken, on the monotonic clock."""

    reading: R
    at_ms: int

    def age_ms(self, now_ms: int) -> int:
        """How old it is; ``now_ms`` is monotonic too."""
        return now_ms - self.at_ms
