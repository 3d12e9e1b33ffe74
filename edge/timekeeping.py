"""How far this machine's clock can be trusted: the bounds that a record's time gets."""

import threading
from collections.abc import Callable

from sync.wire.entries import Stamp

RELEASED_MS = 1_795_000_000_000  # this release was made then: no record of it is older


class Timekeeper:
    """Knows a time that has surely passed. Every method may be called from any thread.

    The bound comes from this release's date and from central's signed beacons; the monotonic clock
    carries it on. There is no upper bound: a beacon may have been held back on its way.
    """

    def __init__(self, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int]) -> None:
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self.heard = False  # whether central has said what time it is since the start
        self._turn = threading.Lock()
        self._passed_ms = RELEASED_MS
        self._at_ms = monotonic_ms()

    def beacon(self, central_ms: int) -> None:
        """Take central's clock from a signed ack, which was made at that time or later came."""
        with self._turn:
            self.heard = True
            now_ms = self._monotonic_ms()
            self._passed_ms = max(self._passed_ms + now_ms - self._at_ms, central_ms)
            self._at_ms = now_ms

    def stamp(self) -> Stamp:
        """The time of a record written now."""
        with self._turn:
            passed_ms = self._passed_ms + self._monotonic_ms() - self._at_ms
        return Stamp(self._wall_ms(), not_before_ms=passed_ms)

    @property
    def clock_is_wrong(self) -> bool:
        """The machine's clock stands before a time that has surely passed."""
        stamp = self.stamp()
        return stamp.not_before_ms is not None and stamp.reading_ms < stamp.not_before_ms
