"""The registries on this node: mapped into memory, with all changes since, and who may look."""

import logging
import mmap
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sync.wire.errors import WireError
from sync.wire.registry import delta, form, lookup
from sync.wire.registry.hashing import Hasher
from sync.wire.registry.lookup import Registry

FOLDER = "status/registry/"  # in the catalogue: <name>/base, and <name>/change-<number>
BASE = "base"

# Name in the catalogue, file, and when central last said that there is no newer one (Unix ms).
Given = Sequence[tuple[str, Path, int | None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Edition:
    """A registry as of its newest change. Statuses and additions are in memory, the rest mapped.

    Attributes:
        made_ms: Unix milliseconds as of which it is complete.
        edition: the name of the newest change that was applied.
    """

    registry: Registry
    statuses: bytes = field(repr=False)
    added: Sequence[int] = field(repr=False)  # place << 2 | status, ascending
    made_ms: int
    edition: bytes

    def status(self, hashed: int) -> int | None:
        """Of the document of this hash; None: it is not here."""
        place = self.registry.head.place(hashed)
        at = bisect_left(self.added, place << form.STATUS_BITS)
        if at < len(self.added) and self.added[at] >> form.STATUS_BITS == place:
            return self.added[at] & (1 << form.STATUS_BITS) - 1
        rank = self.registry.rank(hashed)
        if rank is None:
            return None
        return form.status_at(self.statuses, rank)


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
        given = [one for one in self._catalogue() if one[0].startswith(FOLDER)]
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
        if last != BASE:
            continue
        changes = sorted(one for one in given if one[0].startswith(f"{folder}/change-"))
        try:
            yield _edition(path, [change[1] for change in changes])
        except (OSError, WireError) as error:
            log.error("the registry %s cannot be read: %s", folder, error)  # noqa: TRY400


def _edition(base: Path, changes: Sequence[Path]) -> Edition:
    """Raises OSError, WireError. A change that follows none of those before it is left out."""
    with base.open("rb") as file:
        registry = lookup.opened(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    head = registry.head
    statuses, added = bytearray(registry.data[registry.statuses_at :]), dict[int, int]()
    newest, made_s = head.edition, head.made_s
    for path in changes:
        told, edition = delta.decode(path.read_bytes(), head.count, head.universe)
        if told.before != newest or told.name != head.name:
            log.warning("a change of the registry %s does not follow: it waits", head.name)
            break
        for rank, status in told.changed.items():
            form.put_status(statuses, rank, status)
        added |= told.added
        newest, made_s = edition, told.made_s
    ordered = sorted(place << form.STATUS_BITS | status for place, status in added.items())
    return Edition(registry, bytes(statuses), array("Q", ordered), made_s * 1000, newest)
