"""What is on its way and not yet acked, the oldest first."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sync.core.pace import Departure
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class Flight:
    """A batch on its way: records of ``stream`` up to ``last``."""

    stream: Stream
    last: int
    departure: Departure


class Flights:
    """A queue that acks empty by stream, not by place."""

    def __init__(self) -> None:
        self._flights: deque[Flight] = deque()

    def __bool__(self) -> bool:
        return bool(self._flights)

    @property
    def bytes(self) -> int:
        return sum(flight.departure.size for flight in self._flights)

    @property
    def oldest(self) -> Flight | None:
        return self._flights[0] if self._flights else None

    def add(self, flight: Flight) -> None:
        self._flights.append(flight)

    def landed(self, stream: Stream, seq: int) -> list[Departure]:
        """Take out what is held now, and give how it had left."""
        return self._take(lambda flight: flight.stream == stream and flight.last <= seq)

    def lost(self, stream: Stream) -> None:
        """Forget what was sent of a stream: it is sent again."""
        self._take(lambda flight: flight.stream == stream)

    def _take(self, wanted: Callable[[Flight], bool]) -> list[Departure]:
        taken = [flight.departure for flight in self._flights if wanted(flight)]
        if taken:
            self._flights = deque(flight for flight in self._flights if not wanted(flight))
        return taken
