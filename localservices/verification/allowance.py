"""How many documents may be looked up: enough for a queue of people, too few to list a country."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many looks within so many milliseconds."""

    looks: int
    within_ms: int


PERSON = Allowance(60, 10 * 60_000)
NODE = Allowance(600, 60 * 60_000)


class Looks:
    """One for a process; a restart forgets, and takes its time. Any thread may ask."""

    def __init__(self, person: Allowance = PERSON, node: Allowance = NODE) -> None:
        self._person, self._node = person, node
        self._of_node: deque[int] = deque()
        self._of_person: defaultdict[str, deque[int]] = defaultdict(deque)
        self._turn = threading.Lock()

    def allows(self, person: str, now_ms: int) -> bool:
        """Whether this one may look now; then it counts. ``now_ms`` is monotonic."""
        with self._turn:
            own = self._of_person[person]
            if _full(own, self._person, now_ms) or _full(self._of_node, self._node, now_ms):
                return False
            own.append(now_ms)
            self._of_node.append(now_ms)
            return True


def _full(looks: deque[int], allowance: Allowance, now_ms: int) -> bool:
    while looks and looks[0] <= now_ms - allowance.within_ms:
        looks.popleft()
    return len(looks) >= allowance.looks
