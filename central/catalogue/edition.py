"""One state of the repository: what each role says now, read from its files and written anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from central.catalogue import files
from central.errors import PublishError
from sync.wire import repository
from sync.wire.repository import METADATA, TARGETS

TIMESTAMP = f"{METADATA}/timestamp.json"
_HASHES = ["sha256"]


@dataclass(frozen=True, slots=True)
class Edition:
    """What the timestamp in force says, and all that hangs from it.

    Attributes:
        roles: what ``targets`` and each delegated role say, by role.
    """

    timestamp: Timestamp
    snapshot: Snapshot
    roles: dict[str, Targets]

    def targets(self) -> Iterator[TargetFile]:
        for said in self.roles.values():
            yield from said.targets.values()

    def names(self) -> Iterator[str]:
        """Its files but roots, by their names in the repository."""
        yield TIMESTAMP
        yield f"{METADATA}/{self.snapshot.version}.snapshot.json"
        for name, meta in self.snapshot.meta.items():
            yield f"{METADATA}/{meta.version}.{name}"
        for target in self.targets():
            yield target_name(target)


def target_name(target: TargetFile) -> str:
    """Its place in the repository: its content's hash before its own name."""
    folder, _, name = target.path.rpartition("/")
    return f"{TARGETS}/{folder}/{target.hashes['sha256']}.{name}"


def read(folder: Path) -> Edition | None:
    """What is in force; None: nothing was published yet. Raises PublishError."""
    if not (folder / TIMESTAMP).exists():
        return None
    try:
        timestamp: Timestamp = _said(folder / TIMESTAMP)
        return of_snapshot(folder, timestamp, timestamp.snapshot_meta.version)
    except (OSError, DeserializationError) as error:
        raise PublishError(
            f"The catalogue in {folder} is damaged ({error}): put back a copy of the folder."
        ) from error


def of_snapshot(folder: Path, timestamp: Timestamp, version: int) -> Edition:
    """Raises OSError, DeserializationError."""
    metadata = folder / METADATA
    snapshot: Snapshot = _said(metadata / f"{version}.snapshot.json")
    roles: dict[str, Targets] = {
        name.removesuffix(".json"): _said(metadata / f"{meta.version}.{name}")
        for name, meta in snapshot.meta.items()
    }
    return Edition(timestamp, snapshot, roles)


def begin(folder: Path, first: Path) -> Edition:
    """Take what the authority signed at the beginning. Raises PublishError."""
    roles: dict[str, Targets] = {}
    meta: dict[str, MetaFile] = {}
    try:
        for role in ("targets", *repository.PATHS):
            path = signed_offline(first, role)[-1]
            data = path.read_bytes()
            files.put(folder / METADATA / path.name, data)
            roles[role] = Metadata[Targets].from_bytes(data).signed
            meta[f"{role}.json"] = MetaFile.from_data(roles[role].version, data, _HASHES)
    except (IndexError, OSError, DeserializationError) as error:
        raise PublishError(
            f"{first} does not hold what the authority signed first ({error}): copy it anew."
        ) from error
    return Edition(Timestamp(), Snapshot(meta=meta), roles)


def signed_offline(first: Path, role: str) -> list[Path]:
    """What the authority signed for ``role``, the newest last."""
    paths = first.glob(f"*.{role}.json")
    return sorted(paths, key=lambda path: repository.version_of(path.name))


class Writer:
    """Writes the next state, the timestamp last: until then nothing of it is in force."""

    def __init__(self, folder: Path, edition: Edition, now: datetime) -> None:
        self._folder, self._edition, self._now = folder, edition, now
        self._changed = False

    def say(self, role: str, key: Ed25519PrivateKey) -> None:
        """Sign what ``role`` says now, as its next version."""
        said = self._edition.roles[role]
        said.version = self._next(said.version)
        data = repository.signed(role, said, [key], self._now)
        files.put(self._folder / METADATA / f"{said.version}.{role}.json", data)
        self._edition.snapshot.meta[f"{role}.json"] = MetaFile.from_data(
            said.version, data, _HASHES
        )
        self._changed = True

    def take(self, role: str, path: Path) -> None:
        """Let ``role`` say what the authority signed elsewhere. Raises PublishError."""
        try:
            data = path.read_bytes()
            said = Metadata[Targets].from_bytes(data).signed
        except (OSError, DeserializationError) as error:
            raise PublishError(f"{path} cannot be read ({error}): copy it anew.") from error
        files.put(self._folder / METADATA / path.name, data)
        self._edition.roles[role] = said
        meta = MetaFile.from_data(said.version, data, _HASHES)
        self._edition.snapshot.meta[f"{role}.json"] = meta
        self._changed = True

    def close(self, keys: repository.Keys, *, anew: bool = False) -> None:
        """Put it in force; ``anew``: sign the snapshot too although no role has changed."""
        snapshot, timestamp = self._edition.snapshot, self._edition.timestamp
        if self._changed or anew:
            snapshot.version = self._next(snapshot.version)
            data = repository.signed("snapshot", snapshot, [keys["snapshot"]], self._now)
            files.put(self._folder / METADATA / f"{snapshot.version}.snapshot.json", data)
            timestamp.snapshot_meta = MetaFile.from_data(snapshot.version, data, _HASHES)
        timestamp.version = self._next(timestamp.version)
        timestamp.unrecognized_fields[repository.MADE_AT] = int(self._now.timestamp() * 1000)
        data = repository.signed("timestamp", timestamp, [keys["timestamp"]], self._now)
        files.put(self._folder / TIMESTAMP, data)

    def _next(self, version: int) -> int:
        """Versions are times: a central that is put back from an old copy soon passes its nodes."""
        return max(version + 1, int(self._now.timestamp()))


def _said(path: Path) -> Any:
    return Metadata[Any].from_bytes(path.read_bytes()).signed
