"""The catalogue's repository on central's disk: published into, kept fresh, tidied."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import TargetFile
from tuf.api.serialization import DeserializationError

from central.catalogue import edition, files
from central.catalogue.edition import Edition, Writer
from central.errors import PublishError
from sync.wire import patch, repository
from sync.wire.repository import METADATA

FRESH = timedelta(days=1)  # the timestamp is signed anew when half of its life is over
WARN = timedelta(days=60)  # before the signature of an offline key ends
EDITIONS_KEPT = 5  # a node that fetches an older one is not cut off at once
DELTA_SHARE_MAX = 0.8  # of the whole: else the whole travels


@dataclass(frozen=True, slots=True)
class Published:
    """What was put in force, in bytes: the whole, and what changed (None: no delta is offered)."""

    role: str
    length: int
    delta_length: int | None


class Publisher:
    """The repository in ``folder``, with the keys that sign daily in ``keys``.

    Several processes may use it at once: each change holds a lock.
    """

    def __init__(self, folder: Path, keys: Path) -> None:
        self._folder, self._keys = folder, keys

    @property
    def is_enrolled(self) -> bool:
        """Whether this central was given a catalogue's keys."""
        return (self._keys / "first" / "1.root.json").exists()

    def publish(
        self, source: Path, target: str, key: Ed25519PrivateKey | None, now: datetime
    ) -> Published:
        """Put a file in force under the name ``target``; without ``key`` by central's own.

        Raises:
            PublishError: nobody may publish that, the key is not of who may, or the disk is full.
        """
        role = repository.role_of(target)
        if role is None:
            raise PublishError(
                f"No authority publishes {target!r}: names begin with"
                f" {', '.join(sorted(repository.PATHS))}, then a slash."
            )
        with self._held():
            now_in_force = self._edition(now)
            key = key or self._key(role)
            _must_be_of(role, key, now_in_force)
            said = now_in_force.roles[role]
            new = _described(source, target)
            old = said.targets.get(target)
            files.copy(source, self._folder / edition.target_name(new))
            delta = self._offer_delta(old, new) if old is not None else None
            said.targets[target] = new
            writer = Writer(self._folder, now_in_force, now)
            writer.say(role, key)
            writer.close(self._daily())
            self._tidy()
        return Published(role, new.length, delta)

    def withdraw(self, target: str, key: Ed25519PrivateKey | None, now: datetime) -> bool:
        """Let a file be in force no more; whether it was. Raises PublishError."""
        role = repository.role_of(target)
        with self._held():
            current = self._edition(now)
            if role is None or target not in current.roles[role].targets:
                return False
            key = key or self._key(role)
            _must_be_of(role, key, current)
            del current.roles[role].targets[target]
            writer = Writer(self._folder, current, now)
            writer.say(role, key)
            writer.close(self._daily())
            self._tidy()
            return True

    def refresh(self, now: datetime, *, now_or_never: bool = False) -> bool:
        """Sign anew what ends soon and whose key is here; whether anything was.

        Raises:
            PublishError: a key or the repository does not serve.
        """
        with self._held():
            current = self._edition(now)
            due = [
                role
                for role, said in current.roles.items()
                if said.expires - now < repository.life(role) / 2 and self._has_key(role)
            ]
            is_old = current.timestamp.expires - now < repository.life("timestamp") - FRESH
            if not due and not is_old and not now_or_never:
                return False
            writer = Writer(self._folder, current, now)
            for role in due:
                writer.say(role, self._key(role))
            snapshot_ends = current.snapshot.expires - now
            writer.close(self._daily(), anew=snapshot_ends < repository.life("snapshot") / 2)
            self._tidy()
            return True

    def ending(self, now: datetime) -> dict[str, datetime]:
        """The roles whose signature ends soon and whose key is not here, with their end."""
        with self._held():
            current = self._edition(now)
        return {
            role: said.expires
            for role, said in current.roles.items()
            if said.expires - now < WARN and not self._has_key(role)
        }

    def in_force(self, role: str, now: datetime) -> dict[str, str]:
        """The SHA-256 of each file that ``role`` has in force, in hex. Raises PublishError."""
        with self._held():
            targets = self._edition(now).roles[role].targets
        return {name: str(one.hashes["sha256"]) for name, one in targets.items()}

    def names(self, now: datetime) -> list[str]:
        """The files that a node needs by whatever road, software aside. Raises PublishError."""
        with self._held():
            current = self._edition(now)
        roots = (self._folder / METADATA).glob("*.root.json")
        return [f"{METADATA}/{path.name}" for path in roots] + [
            name for name in current.names() if not name.startswith("targets/software/")
        ]

    def for_the_road(self, now: datetime) -> bytes:
        """The timestamp in force, signed for a courier's journey. Raises PublishError."""
        self.refresh(now, now_or_never=True)
        with self._held():
            timestamp = self._edition(now).timestamp
        key = self._key("timestamp")
        return repository.signed("timestamp", timestamp, [key], now, repository.STICK_LIFE)

    def _edition(self, now: datetime) -> Edition:
        current = edition.read(self._folder)
        if current is None:
            if not self.is_enrolled:
                raise PublishError(
                    f"{self._keys} holds no catalogue's keys: make central's folder anew with"
                    " nezlam provision central, from an authority that has a catalogue."
                )
            self._take_roots()
            current = edition.begin(self._folder, self._keys / "first")
            Writer(self._folder, current, now).close(self._daily(), anew=True)
        if self._take_roots() or self._is_delegated_anew(current):
            self._sign_all(current, now)
        return current

    def _take_roots(self) -> bool:
        """Bring what the root's keys signed since; whether there was any."""
        roots = edition.signed_offline(self._keys / "first", "root")
        new = [path for path in roots if not (self._folder / METADATA / path.name).exists()]
        for path in new:
            files.copy(path, self._folder / METADATA / path.name)
        return bool(new)

    def _is_delegated_anew(self, current: Edition) -> bool:
        return self._newest_targets() > current.roles["targets"].version

    def _newest_targets(self) -> int:
        paths = edition.signed_offline(self._keys / "first", "targets")
        return repository.version_of(paths[-1].name) if paths else -1

    def _sign_all(self, current: Edition, now: datetime) -> None:
        """Keys may have been replaced: all that is ours to sign is signed by those of now."""
        writer = Writer(self._folder, current, now)
        if self._is_delegated_anew(current):
            writer.take("targets", edition.signed_offline(self._keys / "first", "targets")[-1])
        for role in repository.PATHS:
            if self._has_key(role):
                writer.say(role, self._key(role))
        writer.close(self._daily(), anew=True)

    def _offer_delta(self, old: TargetFile, new: TargetFile) -> int | None:
        largest = max(old.length, new.length)
        if largest > patch.FILE_BYTES_MAX or old.hashes == new.hashes:
            return None
        try:
            before = (self._folder / edition.target_name(old)).read_bytes()
            after = (self._folder / edition.target_name(new)).read_bytes()
        except OSError:
            return None  # then the whole travels
        delta = patch.make(before, after)
        if len(delta) > new.length * DELTA_SHARE_MAX:
            return None
        name = repository.delta_name(old.hashes["sha256"], new.hashes["sha256"])
        files.put(self._folder / name, delta)
        return len(delta)

    def _tidy(self) -> None:
        """Drop what no edition of late names. Roots stay for ever: each leads to the next."""
        current = edition.read(self._folder)
        assert current is not None
        editions = [current]
        for version in self._snapshots()[-EDITIONS_KEPT - 1 : -1]:
            with suppress(OSError, DeserializationError):
                editions.append(edition.of_snapshot(self._folder, current.timestamp, version))
        kept = {name for one in editions for name in one.names()}
        latest = {target.hashes["sha256"] for target in current.targets()}
        for path in [path for path in self._folder.rglob("*") if path.is_file()]:
            name = path.relative_to(self._folder).as_posix()
            is_root = name.startswith(METADATA) and name.endswith(".root.json")
            is_delta = name.startswith(repository.DELTAS) and name.rpartition(".")[2] in latest
            if not (name in kept or is_root or is_delta or name == "lock"):
                with suppress(OSError):  # it is in nobody's way
                    path.unlink()

    def _snapshots(self) -> list[int]:
        paths = (self._folder / METADATA).glob("*.snapshot.json")
        return sorted(int(path.name.partition(".")[0]) for path in paths)

    def _daily(self) -> repository.Keys:
        return {role: self._key(role) for role in ("snapshot", "timestamp")}

    def _has_key(self, role: str) -> bool:
        return (self._keys / f"{role}.key").exists()

    def _key(self, role: str) -> Ed25519PrivateKey:
        path = self._keys / f"{role}.key"
        if not path.exists():
            raise PublishError(
                f"The key of {role} is not at central: name its file with --key; it lies with the"
                " authority, in the folder catalogue."
            )
        return read_key(path, None)

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._folder / "lock").open("wb")
        except OSError as error:
            raise PublishError(
                f"{self._folder} cannot be used ({error.strerror}): check its permissions."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def read_key(path: Path, passphrase: bytes | None) -> Ed25519PrivateKey:
    """Read a key that signs for the catalogue. Raises PublishError."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase)
    except OSError as error:
        raise PublishError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PublishError(
            f"{path.name} does not open: check that it is a key of the catalogue, and its"
            " passphrase."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PublishError(f"{path.name} is not a key of the catalogue: name another.")
    return key


def _described(source: Path, target: str) -> TargetFile:
    try:
        if source.stat().st_size > repository.TARGET_BYTES_MAX:
            raise PublishError(f"{source} is larger than nodes take: split it.")
        return TargetFile.from_file(target, str(source), ["sha256"])
    except OSError as error:
        raise PublishError(
            f"{source} cannot be read ({error.strerror}): check the path."
        ) from error


def _must_be_of(role: str, key: Ed25519PrivateKey, current: Edition) -> None:
    delegations = current.roles["targets"].delegations
    assert delegations is not None
    assert delegations.roles is not None
    if SSlibKey.from_crypto(key.public_key()).keyid not in delegations.roles[role].keyids:
        raise PublishError(f"This key may not publish what belongs to {role}: take that one's key.")
