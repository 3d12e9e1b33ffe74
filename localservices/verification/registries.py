"""The registries on this node: mapped into memory, with all changes since, and who may look."""

import logging
import mmap
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from localservices.verification.given import Given
from sync.wire.errors import WireError
from sync.wire.registry import editions, lookup
from sync.wire.registry.editions import Edition
from sync.wire.registry.hashing import Hasher
from sync.wire.repository import REGISTRIES

log = logging.getLogger(__name__)


class Registries:
    """Asked by requests; read again whenever the catalogue brought something."""

    def __init__(self, catalogue: Callable[[], Given], keys: Callable[[], Iterable[bytes]]) -> None:
        """``keys`` gives those that central has sent and that can be read now."""
        self._catalogue, self._keys = catalogue, keys
        self._version: object = None
        self._editions: tuple[Edition, ...] = ()

    def covering(self, document_type: str) -> Edition | None:
        """The registry that holds all documents of this type; None: there is none here."""
        return next(
            (one for one in self._current() if document_type in one.registry.head.covers),
            None,
        )

    def look_up(
        self, edition: Edition, document_type: str, number: str, born_on: date
    ) -> int | None:
        """The document's status; None: it is not in the registry. Raises NoKeyError."""
        head = edition.registry.head
        for key in self._keys():
            hasher = Hasher(key, head.slow)
            if hasher.key_id == head.key_id:
                return edition.status(hasher.hashed(document_type, number, born_on))
        raise NoKeyError

    def _current(self) -> tuple[Edition, ...]:
        given = [one for one in self._catalogue() if one[0].startswith(REGISTRIES)]
        version = [(name, str(path)) for name, path, _ in given]
        if version != self._version:
            self._editions = tuple(_read(given))
            self._version = version
        return self._editions


class NoKeyError(Exception):
    """Central has not sent the key of this registry, or nobody has unlocked what it sent."""


def _read(given: Given) -> Iterable[Edition]:
    for name, path, _ in given:
        folder, _, last = name.rpartition("/")
        if last != editions.BASE:
            continue
        changes = sorted(one for one in given if one[0].startswith(f"{folder}/{editions.CHANGE}"))
        try:
            yield _edition(path, [change[1] for change in changes])
        except (OSError, WireError) as error:
            log.error("the registry %s cannot be read: %s", folder, error)  # noqa: TRY400


def _edition(base: Path, changes: Sequence[Path]) -> Edition:
    """Raises OSError, WireError."""
    with base.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return editions.of(lookup.opened(memoryview(mapped)), (path.read_bytes() for path in changes))
