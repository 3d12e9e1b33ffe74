"""A registry on central's disk: its key, what it began with, and the changes since."""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from central.errors import RegistryError
from central.registry.source import Document
from sync.wire.errors import WireError
from sync.wire.registry import delta, editions, form, lookup
from sync.wire.registry.building import Builder
from sync.wire.registry.delta import Delta
from sync.wire.registry.editions import Edition
from sync.wire.registry.form import Head
from sync.wire.registry.hashing import KEY_BYTES, Hasher

ANEW_SHARE = 0.5  # of the base: when changes weigh more, a new base is the smaller download
_TICK = 10_000


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made: a file, out of so many documents, of which so many had changed."""

    path: Path
    documents: int
    changed: int


class Folder:
    """One registry's files: ``base``, ``change-0001`` and so on, and ``slow``."""

    def __init__(self, folder: Path, key_file: Path, name: str) -> None:
        self._folder, self._key_file, self._name = folder, key_file, name

    def key(self) -> bytes:
        """Drawn at the first time. Raises RegistryError."""
        try:
            return bytes.fromhex(self._key_file.read_text("ascii"))
        except FileNotFoundError:
            key = secrets.token_bytes(KEY_BYTES)
            self._key_file.touch(mode=0o600)
            self._key_file.write_text(key.hex(), "ascii")
            return key
        except (OSError, ValueError) as error:
            raise RegistryError(f"{self._key_file} is not a readable key: restore it.") from error

    def build(
        self,
        documents: Iterable[Document],
        slow: int,
        now_s: int,
        tick: Callable[[int], None],
    ) -> Made:
        """Everything anew, or what changed if there is a base already. Raises RegistryError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self._folder / editions.BASE).exists():
            return self._base(documents, slow, now_s, tick)
        with self._opened() as edition:
            return self._change(edition, documents, now_s, tick)

    def start_anew(self) -> tuple[str, ...]:
        """Forget what was built; the next run makes a base. Gives the names that went."""
        gone = sorted(path.name for path in self._folder.glob(f"{editions.CHANGE}*"))
        for name in [editions.BASE, *gone]:
            (self._folder / name).unlink(missing_ok=True)
        return tuple(gone)

    @property
    def is_heavy(self) -> bool:
        """Whether the changes weigh so much that a new base is due."""
        with suppress(FileNotFoundError):
            base = (self._folder / editions.BASE).stat().st_size
            changes = sum(path.stat().st_size for path in self._changes())
            return changes > ANEW_SHARE * base
        return False

    def _base(
        self, documents: Iterable[Document], slow: int, now_s: int, tick: Callable[[int], None]
    ) -> Made:
        hasher, builder, covers = Hasher(self.key(), slow), Builder(), set[str]()
        done = 0
        for done, one in enumerate(documents, start=1):
            covers.add(one.document_type)
            builder.add(hasher.hashed(one.document_type, one.number, one.born_on), one.status)
            if done % _TICK == 0:
                tick(_TICK)
        edition = secrets.token_bytes(delta.EDITION_BYTES)
        covered = tuple(sorted(covers))
        head = Head(self._name, edition, covered, now_s, 0, hasher.key_id, slow=slow)
        written = builder.write(head)
        parts = (written.head, written.index, written.buckets, written.statuses)
        return Made(self._put(editions.BASE, parts), done, done)

    def _change(
        self,
        edition: Edition,
        documents: Iterable[Document],
        now_s: int,
        tick: Callable[[int], None],
    ) -> Made:
        head, hasher = edition.registry.head, Hasher(self.key(), edition.registry.head.slow)
        if hasher.key_id != head.key_id:
            raise RegistryError(f"{self._key_file} is not the key of this registry: restore it.")
        comparison, done = _Comparison(edition), 0
        for done, one in enumerate(documents, start=1):
            if one.document_type not in head.covers:
                raise RegistryError(
                    f"The registry does not cover {one.document_type!r}: build it with --anew."
                )
            hashed = hasher.hashed(one.document_type, one.number, one.born_on)
            comparison.see(hashed, one.status)
            if done % _TICK == 0:
                tick(_TICK)
        changed, added = comparison.end()
        told = Delta(head.name, edition.edition, now_s, changed, added)
        data = delta.encode(told, head.count, head.universe)
        name = f"{editions.CHANGE}{len(self._changes()) + 1:04}"
        return Made(self._put(name, (data,)), done, len(changed) + len(added))

    @contextmanager
    def _opened(self) -> Iterator[Edition]:
        try:
            data = (self._folder / editions.BASE).read_bytes()
            changes = [path.read_bytes() for path in self._changes()]
            yield editions.of(lookup.opened(memoryview(data)), changes)
        except (OSError, WireError) as error:
            raise RegistryError(
                f"{self._folder} does not hold a whole registry: build it with --anew."
            ) from error

    def _changes(self) -> list[Path]:
        return sorted(self._folder.glob(f"{editions.CHANGE}*"))

    def _put(self, name: str, parts: Iterable[bytes]) -> Path:
        path, draft = self._folder / name, self._folder / "draft"
        try:
            with draft.open("wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise RegistryError(
                f"{self._folder} cannot be written ({error.strerror}): check that it has room."
            ) from error
        return path


def name_ok(name: str) -> bool:
    """Whether a registry may be called so: it stands in paths and in the catalogue."""
    return name.isascii() and name.replace("-", "").isalnum() and len(name) <= 40


class _Comparison:
    """All documents as they are now, beside an edition: what is other, new or gone."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._seen = bytearray(edition.registry.head.count)
        self._known = {item >> form.STATUS_BITS: item & form.GONE for item in edition.added}
        self._unseen = set(self._known)
        self._changed, self._added = dict[int, int](), dict[int, int]()

    def see(self, hashed: int, status: int) -> None:
        registry = self._edition.registry
        rank = registry.rank(hashed)
        if rank is not None:
            self._seen[rank] = 1
            if form.status_at(self._edition.statuses, rank) != status:
                self._changed[rank] = status
            return
        place = registry.head.place(hashed)
        self._unseen.discard(place)
        if self._known.get(place) != status:
            self._added[place] = status

    def end(self) -> tuple[dict[int, int], dict[int, int]]:
        """(rank to status, place to status) of all that is other than in the edition."""
        statuses = self._edition.statuses
        gone = {
            rank: form.GONE
            for rank, is_seen in enumerate(self._seen)
            if not is_seen and form.status_at(statuses, rank) != form.GONE
        }
        left = {place: form.GONE for place in self._unseen if self._known[place] != form.GONE}
        return self._changed | gone, self._added | left
