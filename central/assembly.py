"""Puts central together: the only module that names every concrete part."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from central import clock, neighbours
from central.backup import Backup
from central.believed import Believed
from central.broker import Broker, BrokerSettings, Members
from central.catalogue import rotation
from central.catalogue.counter import Counter, Pieces
from central.catalogue.keeper import Keeper
from central.catalogue.publisher import Publisher
from central.catalogue.revoker import Revoker
from central.config import Config, Https
from central.dictionary import DictionaryFolder
from central.doorway import Doorway, DoorwayServer
from central.errors import KeysError, LogAwayError
from central.fleet import Fleet
from central.ingest import Ingest
from central.mailbox import Postman
from central.mosquitto import MOSQUITTO
from central.nats import NATS
from central.ops.pages import Sources, create_app
from central.routes import Routes, Send
from central.store.database import Database
from central.store.log import SqlLog
from sync.core.backoff import Backoff
from sync.core.intake import Intake
from sync.transport.line import Caller, Endpoint
from sync.transport.port import RoadUp
from sync.transport.tls import TlsFiles
from sync.transport.trunk import FromNode, MqttTrunk, NodeSeen, TrunkEvent
from sync.wire import keys
from sync.wire.errors import MalformedError
from sync.wire.messages import Ack
from sync.wire.seal import OpeningRing, SegmentKey

T = TypeVar("T")

WORKER = "central"
PASSPHRASE_CHARS_MIN = 16  # whoever reaches the page may guess as fast as it answers
_SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Core:
    """What reads and writes the log, without any connection."""

    config: Config
    database: Database
    log: SqlLog
    fleet: Fleet
    believed: Believed
    intake: Intake
    dictionaries: DictionaryFolder
    signing: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part that is started, stopped or asked by somebody."""

    ingest: Ingest
    trunk: MqttTrunk
    doorway: DoorwayServer | None
    backup: Backup | None
    app: Flask
    counter: Counter
    keepers: tuple[Revoker, Keeper]  # of the catalogue
    mailbox: Postman
    send: Send  # to a node, by every way that leads to it


def open_database(config: Config) -> Database:
    """The database as it is, for a look. Raises KeysError, LogError."""
    if config.database is None and not config.embedded_database.exists():
        raise LogAwayError(f"Central has not run yet on {config.data}: start it first.")
    return _database(config)


def open_core(config: Config) -> Core:
    """Read the keys and bring the database to today's tables. The data folder is held.

    Raises:
        KeysError, LogError: one of them does not serve.
    """
    fleet = Fleet(config.keys / "fleet.json")
    signing = _key(config.keys / "signing.key", keys.read_signing_key)
    opening = opening_ring(config)
    database = _database(config)
    database.migrate()
    log = SqlLog(database)
    dictionaries = DictionaryFolder(config.data / "dictionaries")
    believed = Believed(fleet, database, clock.wall_ms)
    intake = Intake(log, signing, opening, believed.key_of, dictionaries.get)
    return Core(config, database, log, fleet, believed, intake, dictionaries, signing)


def opening_ring(config: Config) -> OpeningRing:
    """What opens all that was ever sealed to this central. Raises KeysError."""
    current = _key(config.keys / "opening.key", keys.read_opening_key)
    return rotation.opening_keys(config.keys, current)


def broker(core: Core) -> Broker | None:
    """The broker that central starts and watches; None: it is somebody else's."""
    config = core.config
    if config.broker.kind == "external":
        return None
    settings = BrokerSettings(
        config.data / "broker", config.broker.host, config.broker.port, _tls(config, "broker")
    )
    recipe = {"nats": NATS, "mosquitto": MOSQUITTO}[config.broker.kind]
    return Broker(recipe, settings, members(core.fleet), _backoff(), clock.monotonic_ms)


def join(core: Core, broker_port: int) -> Parts:
    """Join what carries, stores and shows; nothing runs yet.

    Raises:
        BackupError, KeysError, LogError: a folder or the database does not serve.
    """
    config = core.config

    def direct(node_id: str, data: bytes) -> None:
        """By the road on which the node spoke last."""
        if not doorway.send(node_id, data):
            trunk.send(node_id, data)

    routes = Routes(direct, core.intake.seal_ack, clock.monotonic_ms)
    core.intake.on_carried = routes.carried

    def heard(event: FromNode) -> None:
        routes.heard(event.node_id)
        ingest.put(event)

    def on_event(event: TrunkEvent) -> None:
        if isinstance(event, FromNode):
            doorway.forget(event.node_id)
            heard(event)
        elif isinstance(event, NodeSeen):
            ingest.put(event)
        elif isinstance(event, RoadUp):
            ask_all(core, trunk)

    ingest = Ingest(core.intake, core.log, routes.send, _backoff(), clock.wall_ms)
    doorway = Doorway(heard, core.believed.key_of, clock.monotonic_ms)
    caller = Caller(WORKER, _caller_secret(config.data / "caller"))
    endpoint = Endpoint(config.broker.host, broker_port, _tls(config, "central"))
    trunk = MqttTrunk(caller, endpoint, on_event, _backoff(), clock.monotonic_ms)
    backup = Backup(config.backup, core.log, core.dictionaries) if config.backup else None
    counter = _counter(core, routes.send)
    mailbox = _mailbox(core, routes.send)
    app, keepers = create_app(_sources(core, ingest, trunk)), _keepers(core, counter)
    server = None if config.https is None else _doorway_server(core, config.https, doorway)
    return Parts(ingest, trunk, server, backup, app, counter, keepers, mailbox, routes.send)


def _sources(core: Core, ingest: Ingest, trunk: MqttTrunk) -> Sources:
    return Sources(
        core.database,
        lambda: core.fleet.nodes,
        clock.wall_ms,
        lambda: ingest.trouble,
        lambda: trunk.reason,
        ZoneInfo(core.config.time_zone),
        _passphrase(core.config.ops.passphrase_file),
    )


def _doorway_server(core: Core, https: Https, doorway: Doorway) -> DoorwayServer:
    broker, beside = _tls(core.config, "broker"), neighbours.beside(core.config, core.database)
    files = TlsFiles(
        broker.authority, https.certificate or broker.certificate, https.key or broker.key
    )
    return DoorwayServer(doorway, beside, https.host, https.port, files)


def _counter(core: Core, send: Callable[[str, bytes], None]) -> Counter:
    counter = Counter(Pieces(core.config.catalogue, core.signing), send)
    core.intake.on_want = counter.ask
    return counter


def _mailbox(core: Core, send: Send) -> Postman:
    def key_of(node_id: str, epoch: bytes) -> SegmentKey | None:
        link = core.log.book(node_id).links.get(epoch)
        return None if link is None else core.intake.key_of(link)

    def clocks() -> tuple[int, int]:
        return clock.monotonic_ms(), clock.wall_ms()

    mailbox = Postman(core.database, core.intake.seal_ack, send, key_of, clocks)
    core.intake.on_hello, core.intake.on_ack = mailbox.heard, mailbox.acked
    return mailbox


def _keepers(core: Core, counter: Counter) -> tuple[Revoker, Keeper]:
    publisher = Publisher(core.config.catalogue, core.config.keys / "catalogue")
    revoker = Revoker(core.database, publisher, clock.utc, clock.monotonic_ms)
    keeper = Keeper(publisher, counter, lambda: core.fleet.nodes, clock.utc, clock.monotonic_ms)
    return revoker, keeper


def ask_all(core: Core, trunk: MqttTrunk) -> None:
    """Let every node say what it holds: this central may have been put back from a backup."""
    now_ms = clock.wall_ms()
    for node_id in core.fleet.nodes:
        ack = Ack(node_id, now_ms, None, (), wants_hello=True)
        trunk.send(node_id, core.intake.seal_ack(ack))


def members(fleet: Fleet) -> Members:
    return Members(fleet.nodes, frozenset({WORKER}))


def _tls(config: Config, name: str) -> TlsFiles:
    return TlsFiles(
        config.keys / "ca.crt", config.keys / f"{name}.crt", config.keys / f"{name}.key"
    )


def _backoff() -> Backoff:
    return Backoff(random.SystemRandom().random)


def _key(path: Path, read: Callable[[str], T]) -> T:
    try:
        return read(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise KeysError(f"{path} is not a readable key: restore it from its copy.") from error


def _database(config: Config) -> Database:
    return Database(config.database_url, _first_line(config.database_password_file))


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise KeysError(f"{path} does not hold the secret that belongs there.") from error


def _passphrase(path: Path | None) -> str | None:
    passphrase = _first_line(path)
    if passphrase is not None and len(passphrase) < PASSPHRASE_CHARS_MIN:
        raise KeysError(
            f"The first line of {path} is too short for a passphrase:"
            f" write at least {PASSPHRASE_CHARS_MIN} characters."
        )
    return passphrase


def _caller_secret(path: Path) -> str:
    """Drawn once for each installation; a spoiled one is drawn anew."""
    try:
        known = path.read_text("ascii")
        if len(known) == 2 * _SECRET_BYTES and known.isalnum():
            return known
    except (FileNotFoundError, UnicodeDecodeError):
        pass
    except OSError as error:
        raise KeysError(f"{path} cannot be read ({error.strerror}).") from error
    fresh = secrets.token_hex(_SECRET_BYTES)
    path.touch(mode=0o600)
    path.write_text(fresh, "ascii")
    return fresh
