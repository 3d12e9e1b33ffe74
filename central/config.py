"""Central's settings, read once, checked whole, frozen."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync import settings
from sync.settings import SettingsError

KINDS = ("nats", "mosquitto", "external")


@dataclass(frozen=True, slots=True)
class BrokerChoice:
    """Which broker carries the messages. Port 0: any free one, for an embedded broker.

    Attributes:
        kind: nats and mosquitto are started and watched by central; external is somebody else's.
    """

    kind: str = "nats"
    host: str = "127.0.0.1"
    port: int = 8883


@dataclass(frozen=True, slots=True)
class Ops:
    """Where the operations page is served. Port 0: any free one.

    Attributes:
        passphrase_file: its first line lets people in; without it only this machine may look.
    """

    host: str = "127.0.0.1"
    port: int = 8400
    passphrase_file: Path | None = None

    @property
    def is_local(self) -> bool:
        """Whether no other machine reaches it."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Https:
    """Where nodes may post instead of speaking MQTT. Port 0: any free one.

    Attributes:
        certificate, key: PEM; None: those of the broker.
    """

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What is not said has a default that is right for one machine.

    Attributes:
        data: the folder of the embedded database and broker; made if it is absent.
        keys: the folder that ``nezlam provision central`` made.
        database: a URL; None is SQLite in the data folder.
        database_password_file: its first line is the password, which no URL need hold.
        backup: a folder on another machine or disk; None: nodes never learn "backed up", and
            keep everything.
    """

    data: Path
    keys: Path
    broker: BrokerChoice = field(default_factory=BrokerChoice)
    ops: Ops = field(default_factory=Ops)
    https: Https | None = None
    database: str | None = None
    database_password_file: Path | None = None
    backup: Path | None = None
    time_zone: str = "Europe/Kyiv"

    @property
    def embedded_database(self) -> Path:
        """The file of the database where no URL names another."""
        return self.data / "central.db"

    @property
    def catalogue(self) -> Path:
        """The repository from which nodes fetch."""
        return self.data / "catalogue"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.embedded_database}"


def read(path: Path) -> Config:
    """Raises SettingsError."""
    config = settings.read(path, Config)
    if config.broker.kind not in KINDS:
        raise SettingsError(
            f"{path}: broker.kind must be one of {', '.join(KINDS)}, not {config.broker.kind!r}."
        )
    if config.broker.kind == "external" and not config.broker.port:
        raise SettingsError(f"{path}: broker.port must say where the external broker listens.")
    for name, port in (("broker.port", config.broker.port), ("ops.port", config.ops.port)):
        if not 0 <= port <= 65_535:
            raise SettingsError(f"{path}: {name} must be between 0 and 65535, not {port}.")
    if not config.ops.is_local and config.ops.passphrase_file is None:
        raise SettingsError(
            f"{path}: ops.host {config.ops.host} lets other machines look: set"
            " ops.passphrase_file, or take 127.0.0.1."
        )
    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"{path}: time_zone {config.time_zone!r} is not known here; Europe/Kyiv is one."
        ) from error
    return config
