"""Publishes which eDocuments hold no more, whenever that has changed."""

import hashlib
import logging
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from central.catalogue.publisher import Publisher
from central.errors import LogError, PublishError
from central.store import revoked
from central.store.database import Database
from sync.wire import revocations

log = logging.getLogger(__name__)

LOOK_EVERY_MS = 10_000


class Revoker:
    """Called again and again by central's own loop; one thread."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        now: Callable[[], datetime],
        monotonic_ms: Callable[[], int],
    ) -> None:
        self._database, self._publisher = database, publisher
        self._now, self._monotonic_ms = now, monotonic_ms
        self._due_ms = monotonic_ms()
        self._published: bytes | None = None  # since the start
        self._trouble: str | None = None

    def look(self) -> None:
        """Publish what is new; what cannot be published now is tried again."""
        if not self._publisher.is_enrolled or self._monotonic_ms() < self._due_ms:
            return
        self._due_ms = self._monotonic_ms() + LOOK_EVERY_MS
        trouble: str | None = None
        try:
            with self._database.reading() as connection:
                content = revocations.encode(revoked.numbers(connection))
            if content != self._published:
                self._publish(content)
                self._published = content
        except (LogError, PublishError, OSError) as error:
            trouble = str(error)
        if trouble is not None and trouble != self._trouble:
            log.error("Revoked documents are not published: %s", trouble)
        self._trouble = trouble

    def _publish(self, content: bytes) -> None:
        in_force = self._publisher.in_force("status", self._now()).get(revocations.TARGET)
        if in_force == hashlib.sha256(content).hexdigest():
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "edocuments.cbor"
            path.write_bytes(content)
            self._publisher.publish(path, revocations.TARGET, None, self._now())
