"""What central's own catalogue has in force, for central itself: read from the repository."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from central.catalogue import edition
from central.catalogue.edition import TIMESTAMP
from central.errors import PublishError
from sync.wire import repository

Given = tuple[str, Path, int | None]  # name, file, when it was last confirmed (Unix milliseconds)

log = logging.getLogger(__name__)


class OwnCatalogue:
    """Read again whenever something was signed. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[object, tuple[Given, ...]] = None, ()

    def files(self, below: str) -> Sequence[Given]:
        """The files in force below a name."""
        return [one for one in self._current() if one[0].startswith(below)]

    def read(self, name: str) -> bytes | None:
        """A file in force; None: there is none of that name."""
        found = next((path for known, path, _ in self._current() if known == name), None)
        try:
            return None if found is None else found.read_bytes()
        except OSError:  # tidied meanwhile
            return None

    def _current(self) -> tuple[Given, ...]:
        try:
            timestamp = (self._folder / TIMESTAMP).stat()
        except OSError:
            return ()
        version = timestamp.st_mtime_ns, timestamp.st_ino
        if version != self._known[0]:
            try:
                self._known = version, tuple(self._found())
            except PublishError as error:
                log.error("%s What was known before stays in force.", error)  # noqa: TRY400
                self._known = version, self._known[1]
        return self._known[1]

    def _found(self) -> Iterator[Given]:
        """Raises PublishError."""
        current = edition.read(self._folder)
        if current is None:
            return
        made = current.timestamp.unrecognized_fields.get(repository.MADE_AT)
        for target in current.targets():
            path = self._folder / edition.target_name(target)
            yield target.path, path, made if type(made) is int else None
