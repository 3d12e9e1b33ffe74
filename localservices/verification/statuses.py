"""The status lists on this node: what the catalogue brought, read again whenever it changes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from localservices.verification.status import Revoked, Statuses
from sync.wire import revocations
from sync.wire.errors import WireError

# Name in the catalogue, file, and when central last said that there is no newer one (Unix ms).
Given = Sequence[tuple[str, Path, int | None]]

log = logging.getLogger(__name__)


class StatusShelf:
    """Asked by requests; several at once may read a new file twice, which harms nobody."""

    def __init__(self, catalogue: Callable[[], Given] = tuple) -> None:
        self._catalogue = catalogue
        self._version: tuple[str, int] | None = None
        self._revoked: Mapping[str, frozenset[int]] = {}

    def of(self, uri: str) -> Statuses | None:
        """The list of this name; None: it is not here, or cannot be read."""
        if uri.startswith(revocations.SCHEME):
            return self._of_edocuments(uri)
        return None

    def _of_edocuments(self, uri: str) -> Revoked | None:
        found = [one for one in self._catalogue() if one[0] == revocations.TARGET]
        if not found:
            return None
        [(_, path, confirmed_ms)] = found
        try:
            version = str(path), path.stat().st_mtime_ns
            if version != self._version:
                self._revoked = revocations.decode(path.read_bytes())
                self._version = version
        except (OSError, WireError) as error:
            log.error("the list of revoked eDocuments cannot be read: %s", error)  # noqa: TRY400
            return None
        return Revoked(self._revoked.get(uri, frozenset()), confirmed_ms)
