"""A catalogue with every key at hand, for tests that publish, steal, hold back or spoil."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import TargetFile

from central.catalogue import edition, files
from central.catalogue.edition import Writer
from central.catalogue.publisher import Publisher
from provisioning import catalogue
from sync.wire import repository

NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVERY_ROLE = (*repository.OFFLINE, *repository.ONLINE)


@dataclass
class Authority:
    """An authority and its central's repository in ``folder``. ``now`` is the time it believes."""

    folder: Path
    roles: Iterable[str] = EVERY_ROLE
    now: datetime = NOON
    keys: catalogue.Keys = field(default_factory=catalogue.new_keys)

    def __post_init__(self) -> None:
        central = self.folder / "central"
        if not central.exists():
            catalogue.equip(central, self.keys, self.now, self.roles)
        self.publisher = Publisher(self.repository, central / "catalogue")

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def root(self) -> bytes:
        return (self.folder / "central" / "catalogue" / "first" / "1.root.json").read_bytes()

    def wait(self, **span: int) -> None:
        self.now += timedelta(**span)

    def publish(self, target: str, content: bytes) -> None:
        source = self.folder / "source"
        source.write_bytes(content)
        self.publisher.publish(source, target, None, self.now)

    def smuggle(
        self, role: str, target: str, content: bytes, key: Ed25519PrivateKey | None = None
    ) -> None:
        """Let ``role`` name a file that is not its to publish, or by another's ``key``."""
        source = self.folder / "source"
        source.write_bytes(content)
        current = edition.read(self.repository)
        assert current is not None
        said = TargetFile.from_file(target, str(source), ["sha256"])
        files.copy(source, self.repository / edition.target_name(said))
        current.roles[role].targets[target] = said
        writer = Writer(self.repository, current, self.now)
        writer.say(role, key or self.keys.roles[role])
        writer.close(self.keys.roles)

    def refresh(self) -> bool:
        return self.publisher.refresh(self.now)

    def files(self) -> dict[str, bytes]:
        """The whole repository, by name."""
        return {
            path.relative_to(self.repository).as_posix(): path.read_bytes()
            for path in self.repository.rglob("*")
            if path.is_file() and path.name != "lock"
        }
