"""Judges what neighbours ask, each in its turn, and has each check written down. Knows no HTTP."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from localservices.verification import engine, record
from localservices.verification.engine import FORMATS, Format
from localservices.verification.neighbours.keys import ApiKey
from localservices.verification.neighbours.means import Means
from localservices.verification.neighbours.pace import Pace
from localservices.verification.neighbours.problems import Problem, later
from localservices.verification.verdict import Verdict

CHECKED_BY = "api: "  # and the key's name: so these checks stand in the records
JUDGED_AT_ONCE = 2  # requests: the others of the machine's threads are for its own people
TURN_S = 2.0


@dataclass(frozen=True, slots=True)
class Checked:
    """``kept``: that it was checked is written down."""

    verdict: Verdict
    kept: bool


class Judging:
    """One for a process. Any thread may call."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._pace = Pace()
        self._turns = threading.BoundedSemaphore(JUDGED_AT_ONCE)

    def count(self, key: ApiKey, documents: int) -> None:
        """Let the key's holder ask for so many. Raises ProblemError: too many for now."""
        wait_ms = self._pace.wait_ms(key.key_id, documents, self._means.monotonic_ms())
        if wait_ms:
            raise later(Problem.OFTEN, wait_ms)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait a moment until others are done. Raises ProblemError: they are not."""
        if not self._turns.acquire(timeout=TURN_S):
            raise later(Problem.BUSY, 1000)
        try:
            yield
        finally:
            self._turns.release()

    def check(
        self, texts: Sequence[str], name: str, formats: Sequence[Format] = FORMATS
    ) -> list[Checked]:
        """Judge these within a turn; ``name`` is that of the key. Never raises."""
        known, when = self._means.known(), self._means.when()
        verdicts = [engine.judge(text, known, when, formats) for text in texts]
        kept = self._means.keep(
            [
                record.of(verdict, record.fingerprint(verdict, text), CHECKED_BY + name)
                for text, verdict in zip(texts, verdicts, strict=True)
            ]
        )
        return [Checked(verdict, kept) for verdict in verdicts]
