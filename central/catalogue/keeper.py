"""Keeps the catalogue fresh while central runs, and tells the nodes when something is new."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from central.catalogue.counter import Counter
from central.catalogue.publisher import Publisher
from central.errors import PublishError

log = logging.getLogger(__name__)

REFRESH_EVERY_MS = 10 * 60 * 1000


class Keeper:
    """Called again and again by central's own loop; one thread."""

    def __init__(
        self,
        publisher: Publisher,
        counter: Counter,
        nodes: Callable[[], Iterable[str]],
        now: Callable[[], datetime],
        monotonic_ms: Callable[[], int],
    ) -> None:
        self._publisher, self._counter, self._nodes = publisher, counter, nodes
        self._now, self._monotonic_ms = now, monotonic_ms
        self._due_ms = monotonic_ms()
        self._trouble: str | None = None

    def look(self) -> None:
        """Sign anew what ends soon, and tell of what was published meanwhile."""
        if not self._publisher.is_enrolled:
            return
        if self._monotonic_ms() >= self._due_ms:
            self._due_ms = self._monotonic_ms() + REFRESH_EVERY_MS
            self._refresh()
        if self._counter.reload():
            self._counter.announce(self._nodes())

    def _refresh(self) -> None:
        try:
            self._publisher.refresh(self._now())
            ending = self._publisher.ending(self._now())
        except PublishError as error:
            trouble: str | None = f"The catalogue grows old: {error}"
        else:
            named = ", ".join(f"{role} on {end.date()}" for role, end in sorted(ending.items()))
            trouble = f"Signatures end: {named}. Publish anew with that key." if named else None
        if trouble is not None and trouble != self._trouble:
            log.error("%s", trouble)
        self._trouble = trouble
