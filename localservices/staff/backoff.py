"""How long whoever guesses passphrases must wait: longer with each miss, and easing by itself."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

EASE_MS = 120_000  # a miss is forgiven after so long without another
FREE_MISSES = 5  # people mistype
ADDRESS_WAIT_MS_MAX = 15 * 60_000
NAME_WAIT_MS_MAX = 30_000  # short: a stranger must not be able to lock a colleague out
KEYS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Misses:
    """How often one key was missed, and when last (monotonic milliseconds)."""

    count: int
    last_ms: int

    def left_at(self, now_ms: int) -> int:
        """How many are not yet forgiven."""
        return max(0, self.count - (now_ms - self.last_ms) // EASE_MS)


def wait_ms(misses: Misses | None, now_ms: int, most_ms: int) -> int:
    """How long until the next guess is heard; 0: now."""
    if misses is None or (left := misses.left_at(now_ms)) < FREE_MISSES:
        return 0
    delay = min(most_ms, 1_000 << min(left - FREE_MISSES, 20))
    return max(0, misses.last_ms + delay - now_ms)


class Backoff:
    """Counts misses by name and by address, in memory. May be called from any thread.

    Whoever once signed in from an address is not held up there by what others guess elsewhere.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """``now_ms`` is monotonic."""
        self._now_ms = now_ms
        self._misses: dict[str, Misses] = {}
        self._known: dict[tuple[str, str], None] = {}
        self._turn = threading.Lock()

    def begin(self, name: str, address: str) -> int:
        """Milliseconds to wait; 0: go on, and this try counts as a miss until ``succeed``."""
        now_ms = self._now_ms()
        by_name, by_address = f"name {name}", f"address {address}"
        with self._turn:
            wait = wait_ms(self._misses.get(by_address), now_ms, ADDRESS_WAIT_MS_MAX)
            if (name, address) not in self._known:
                wait = max(wait, wait_ms(self._misses.get(by_name), now_ms, NAME_WAIT_MS_MAX))
            if wait == 0:
                self._miss(by_name, now_ms)
                self._miss(by_address, now_ms)
        return wait

    def succeed(self, name: str, address: str) -> None:
        with self._turn:
            self._misses.pop(f"name {name}", None)
            self._misses.pop(f"address {address}", None)
            self._known[(name, address)] = None
            if len(self._known) > KEYS_MAX:
                del self._known[next(iter(self._known))]

    def _miss(self, key: str, now_ms: int) -> None:
        before = self._misses.pop(key, None)
        count = before.left_at(now_ms) if before else 0
        self._misses[key] = Misses(count + 1, now_ms)
        if len(self._misses) > KEYS_MAX:
            del self._misses[next(iter(self._misses))]  # the one that was quiet for longest
