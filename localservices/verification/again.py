"""Checks that nobody could be sure of: judged again when fresh data has come.

What was read stays in memory for a day at most, and never on the disk.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import State, Verdict

UNSURE = frozenset(
    {
        State.ISSUER_UNKNOWN_STALE,
        State.STALE_DATA,
        State.STATUS_UNKNOWN,
        State.CLOCK_UNRELIABLE,
    }
)
WAITING_MAX, CHANGED_MAX = 200, 50
WAITING_MS_MAX = 24 * 3_600_000

Judge = Callable[[Knowledge, When], Verdict]  # knows the document


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check that ended in doubt. ``since_ms`` is monotonic."""

    judge: Judge = field(repr=False)
    before: Verdict
    fingerprint: bytes
    staff: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it."""

    before: Verdict
    now: Verdict
    fingerprint: bytes
    staff: str


class Again:
    """Any thread may call. ``changed`` holds the newest first, until staff say that they know."""

    def __init__(self) -> None:
        self.changed: tuple[Changed, ...] = ()
        self._waiting: deque[Waiting] = deque(maxlen=WAITING_MAX)
        self._turn = threading.Lock()

    def remember(self, waiting: Waiting) -> None:
        """What is certain is not kept."""
        if waiting.before.state in UNSURE:
            with self._turn:
                self._waiting.append(waiting)

    def look(self, known: Knowledge, when: When, now_ms: int) -> list[Changed]:
        """Judge again what waits; give what has come to another state. ``now_ms``: monotonic."""
        with self._turn:
            waiting = [one for one in self._waiting if now_ms - one.since_ms < WAITING_MS_MAX]
            found = [(one, one.judge(known, when)) for one in waiting]
            changed = [
                Changed(one.before, verdict, one.fingerprint, one.staff)
                for one, verdict in found
                if verdict.state is not one.before.state
            ]
            left = (one for one, verdict in found if verdict.state is one.before.state)
            self._waiting = deque(left, maxlen=WAITING_MAX)
            self.changed = (*reversed(changed), *self.changed)[:CHANGED_MAX]
            return changed

    def is_known(self) -> None:
        """Staff have seen what changed."""
        with self._turn:
            self.changed = ()
