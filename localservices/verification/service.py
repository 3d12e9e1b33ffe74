"""Judging a document at the desk, and writing down that it was judged. Knows no HTTP."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from localservices.desk import Desk
from localservices.verification import engine, pack, query, record
from localservices.verification.again import Again, Judge, Waiting
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.pack import DocumentType
from localservices.verification.query import Query
from localservices.verification.registries import Registries
from localservices.verification.verdict import Verdict
from sync.store.errors import StoreFailedError, StoreFullError


@dataclass(frozen=True, slots=True)
class Checked:
    """``kept``: that it was checked is written down."""

    verdict: Verdict
    kept: bool


class Inspection:
    """Where documents are checked; one for a node. Any thread may call.

    Attributes:
        keeps_documents: policy asks that a genuine document is written down with its check.
    """

    def __init__(
        self,
        known: Callable[[], Knowledge],
        passed_ms: Callable[[], int | None],
        monotonic_ms: Callable[[], int],
        registries: Registries,
        types: Callable[[], Mapping[str, DocumentType]] = pack.home,
    ) -> None:
        """``known`` gives what is in force, ``passed_ms`` a time that has surely passed."""
        self.types = types
        self.known, self._passed_ms, self._monotonic_ms = known, passed_ms, monotonic_ms
        self._registries = registries
        self.again = Again()
        self.keeps_documents = False

    def check(self, desk: Desk, text: str, once: bytes) -> Checked:
        """Judge, and keep what was found; the document itself only where policy says so."""
        known, when = self.known(), self._when(desk)
        verdict = engine.judge(text, known, when)
        fingerprint = record.fingerprint(verdict, text)
        kept, document = True, record.whole(verdict, text) if self.keeps_documents else None
        try:
            desk.store.write(record.of(verdict, fingerprint, desk.staff_name, document), once=once)
        except (StoreFullError, StoreFailedError):
            kept = False  # the person at the table still needs the answer
        self._remember(desk, verdict, fingerprint, lambda new, at: engine.judge(text, new, at))
        return Checked(verdict, kept)

    def look_up(self, desk: Desk, asked: Query, once: bytes) -> Verdict:
        """Judge by the registry. What can't be written down is not told: every look is audited.

        Raises:
            StoreFullError, StoreFailedError: nothing was written.
        """
        verdict = self._asked(asked, self._when(desk))
        _keep(desk, verdict, b"", once)
        self._remember(desk, verdict, b"", lambda _, at: self._asked(asked, at))
        return verdict

    def look_again(self, desk: Desk) -> None:
        """Judge again what ended in doubt, and write down what came of it, for whom it was."""
        found = self.again.look(self.known(), self._when(desk), self._monotonic_ms())
        for changed in found:
            with suppress(StoreFullError, StoreFailedError):  # staff are told all the same
                whose = replace(desk, staff_name=changed.staff)
                _keep(whose, changed.now, changed.fingerprint, desk.new_id())

    def _remember(self, desk: Desk, verdict: Verdict, fingerprint: bytes, judge: Judge) -> None:
        since_ms = self._monotonic_ms()
        self.again.remember(Waiting(judge, verdict, fingerprint, desk.staff_name, since_ms))

    def _asked(self, asked: Query, when: When) -> Verdict:
        return query.judge(asked, self.types(), self._registries, when)

    def _when(self, desk: Desk) -> When:
        return When(desk.now_ms(), self._passed_ms())


def _keep(desk: Desk, verdict: Verdict, fingerprint: bytes, once: bytes) -> None:
    desk.store.write(record.of(verdict, fingerprint, desk.staff_name), once=once)
