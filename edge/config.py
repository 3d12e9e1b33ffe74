"""A node's settings, read once, checked whole, frozen."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localservices.hazards import coordinates
from sync import settings
from sync.settings import SettingsError
from sync.wire.earth import Point
from sync.wire.errors import MalformedError
from sync.wire.topics import check_node_id


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is dialled."""

    host: str
    port: int = 8883
    cost: int = 0  # of a byte by this road, beside that of the others; 0: free


@dataclass(frozen=True, slots=True)
class Https:
    """A second road, where only 443 is open: central's doorway.

    Attributes:
        url: such as https://central.example:443.
        authority: whom to trust there, PEM; None: the authority that this node was enrolled by.
        public: trust whom this machine trusts anyway, as behind a bought certificate.
        cost: as ``broker.cost``.
        proxy: such as http://10.0.0.1:3128; None: none, whatever the environment says.
    """

    url: str
    authority: Path | None = None
    public: bool = False
    cost: int = 0
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Web:
    """Where the pages are served. Port 0: any free one."""

    host: str = "127.0.0.1"
    port: int = 8300


@dataclass(frozen=True, slots=True)
class Relay:
    """What this node does for others on its local network, and what it lets others do for it.

    Attributes:
        offers: take sealed messages of field laptops at the pages' address, and bring them on.
        quota_mb: how much may lie here for others.
        fleet: a copy of central's fleet.json; with it strangers are turned away at the door.
        is_known: make that address known on the local network (mDNS).
        finds: look for a relay on the local network while no road of our own is open.
        address: one to try first, such as http://10.0.0.5:8300.
    """

    offers: bool = False
    is_known: bool = True
    quota_mb: int = 256
    fleet: Path | None = None
    finds: bool = False
    address: str | None = None

    @property
    def announces(self) -> bool:
        return self.offers and self.is_known


@dataclass(frozen=True, slots=True)
class Place:
    """Where the centre stands: such as "50.4501, 30.5234", and its KATOTTG code."""

    at: str
    katottg: str = ""

    @property
    def point(self) -> Point:
        return coordinates.read(self.at)


@dataclass(frozen=True, slots=True)
class Config:
    """What is not said has a default that is right for most nodes.

    Attributes:
        data: the folder of the databases; made if it is absent.
        keys: the folder that ``nezlam provision enrol`` made.
        trust_list: certificates, a file or a folder; none: then every document's issuer is unknown.
        retention_hours: how long a record stays here after central's backup holds it.
        free_mb_min: below this much room nothing more is accepted.
        keep_documents: whether a genuine document is written down with its check, as some laws ask.
        keep_file_names: whether attached files keep their own names, which may tell of people.
    """

    node: str
    broker: BrokerAddress
    data: Path
    keys: Path
    name: str | None = None  # what people call this node; its id if they don't
    web: Web = field(default_factory=Web)
    https: Https | None = None
    place: Place | None = None  # hazards are measured from there, and alerts sent by it
    relay: Relay = field(default_factory=Relay)
    trust_list: Path | None = None
    time_zone: str = "Europe/Kyiv"
    retention_hours: int = 72
    data_budget_mb: int | None = None  # a day, over all roads; people are warned beyond it
    free_mb_min: int = 64
    keep_file_names: bool = False
    keep_documents: bool = False

    @property
    def title(self) -> str:
        return self.name or self.node


def read(path: Path) -> Config:
    """Raises SettingsError."""
    config = settings.read(path, Config)
    try:
        check_node_id(config.node)
    except MalformedError as error:
        raise SettingsError(f"{path}: node cannot be {config.node!r}: {error}.") from error
    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"{path}: time_zone {config.time_zone!r} is not known here; Europe/Kyiv is one."
        ) from error
    _check_place(path, config.place)
    for name, port in (("broker.port", config.broker.port), ("web.port", config.web.port)):
        if not 0 <= port <= 65_535:
            raise SettingsError(f"{path}: {name} must be between 0 and 65535, not {port}.")
    return config


def _check_place(path: Path, place: Place | None) -> None:
    try:
        _ = place and place.point
    except ValueError as error:
        raise SettingsError(
            f'{path}: place.at is not a point; write it like "50.4501, 30.5234".'
        ) from error
