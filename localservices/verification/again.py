"""Checks that nobody could be sure of: judged again when fresh data has come.

What was read stays in memory for a day at most, and never on the disk.
"""

import threading
from collections import deque
from dataclasses import dataclass, field

from localservices.verification import engine
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check that ended in doubt. ``since_ms`` is monotonic."""

    text: str = field(repr=False)
    before: Verdict
    staff: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it."""

    before: Verdict
    now: Verdict
    staff: str


class Again:
    """Any thread may call. ``changed`` holds the newest first."""

    def __init__(self) -> None:
        self.changed: tuple[Changed, ...] = ()
        self._waiting: deque[Waiting] = deque(maxlen=WAITING_MAX)
        self._turn = threading.Lock()

    def remember(self, text: str, verdict: Verdict, staff: str, now_ms: int) -> None:
        """``now_ms`` is monotonic. What is certain is not kept."""
        if verdict.state in UNSURE:
            with self._turn:
                self._waiting.append(Waiting(text, verdict, staff, now_ms))

    def look(self, known: Knowledge, when: When, now_ms: int) -> list[Changed]:
        """Judge again what waits; give what has come to another state."""
        with self._turn:
            waiting = [one for one in self._waiting if now_ms - one.since_ms < WAITING_MS_MAX]
            found = [(one, engine.judge(one.text, known, when)) for one in waiting]
            changed = [
                Changed(one.before, verdict, one.staff)
                for one, verdict in found
                if verdict.state is not one.before.state
            ]
            left = (one for one, verdict in found if verdict.state is one.before.state)
            self._waiting = deque(left, maxlen=WAITING_MAX)
            self.changed = (*reversed(changed), *self.changed)[:CHANGED_MAX]
            return changed
