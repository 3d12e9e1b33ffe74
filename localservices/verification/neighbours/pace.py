"""How much one neighbour may ask: a bucket that fills steadily, so that others are served too."""

import threading
from dataclasses import dataclass

BURST = 200  # documents at once: a bus and a half
PER_S = 5  # and then; a counter with a queue asks once in some seconds


@dataclass(slots=True)
class _Bucket:
    level: float
    at_ms: int


class Pace:
    """One for a process; a restart forgets. Any thread may ask."""

    def __init__(self, burst: int = BURST, per_s: float = PER_S) -> None:
        self._burst, self._per_ms = burst, per_s / 1000
        self._buckets: dict[str, _Bucket] = {}  # as many as there are keys
        self._turn = threading.Lock()

    def wait_ms(self, who: str, count: int, now_ms: int) -> int:
        """How long until ``who`` may have ``count`` judged; 0: now, and then it counts.

        ``now_ms`` is monotonic. More than the burst are never let through at once.
        """
        with self._turn:
            bucket = self._buckets.setdefault(who, _Bucket(self._burst, now_ms))
            grown = bucket.level + (now_ms - bucket.at_ms) * self._per_ms
            bucket.level, bucket.at_ms = min(grown, self._burst), now_ms
            if bucket.level < count:
                return max(1, round((count - bucket.level) / self._per_ms))
            bucket.level -= count
            return 0
