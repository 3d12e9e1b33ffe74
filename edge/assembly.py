"""Puts a node together: the only module that names every concrete part."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from queue import SimpleQueue
from typing import IO

from flask import Blueprint, Flask

from edge import (
    clock,
    commanding,
    courier,
    health,
    identity,
    inspecting,
    retention,
    roads,
    room,
    slices,
)
from edge.ballast import Ballast
from edge.catalogue import Following
from edge.commanding import Policy
from edge.config import Config
from edge.errors import NodeError
from edge.gauge import TELL_EVERY_S, Gauge
from edge.grounds import Grounds
from edge.jobs import COURIER_EVERY_S, LOOK_EVERY_S, Duty, Timetable, duties
from edge.meter import KEEP_EVERY_S, Meter
from edge.outlook import Outlook
from edge.relays import Own, Relays
from edge.signing import Signing
from edge.slices import Means
from edge.timekeeping import Timekeeper
from hardware.host import Host
from hardware.panel import Instrument, Panel
from localservices.app import create_app, lock_when_idle
from localservices.facts import HostFacts, LinkFacts, Progress
from localservices.office import Office
from sync.pump import Pump
from sync.store.accounts import Accounts
from sync.store.database import open_database
from sync.store.inbox import Inbox
from sync.store.keys import Boxes, Cost
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.working import Working
from sync.store.writer import GroupWriter
from sync.transport.port import Road, RoadEvent
from sync.transport.roads import Roads
from sync.wire.keys import CentralKeys
from sync.wire.kinds.answers import RecordDecided

Work = Callable[[Pump, int, int], None]  # for the pump's thread: pump, monotonic ms, wall ms

_HOST_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies on the disk, open."""

    writer: GroupWriter
    store: Store
    letters: Inbox
    working: Working
    accounts: Accounts


@dataclass(frozen=True, slots=True)
class Node:
    """Every part that is started, stopped or asked by somebody."""

    config: Config
    claim: IO[bytes]  # held as long as the node lives: one process for each data folder
    kept: Kept
    pump: Pump
    inbox: "SimpleQueue[Work | None]"
    road: Roads
    app: Flask
    timetable: Timetable
    following: Following
    relays: Relays
    setup_code: str | None  # None: there are accounts already

    @property
    def store(self) -> Store:
        return self.kept.store


@dataclass(frozen=True, slots=True)
class _Views:
    """What the pages look at."""

    link: Callable[[], LinkFacts]
    progress: Callable[[], Progress]
    host: Callable[[], HostFacts | None]


def build(config: Config) -> Node:
    """Open the files and join the parts; nothing runs yet but the store's writer.

    Raises:
        NodeError: another node uses the folder, or a file or key does not serve.
    """
    claim, ballast = identity.claim(config.data), _ballast(config)
    signing, enrolled = Signing(config.keys, config.node), identity.central(config.keys)
    inbox: SimpleQueue[Work | None] = SimpleQueue()
    time = Timekeeper(clock.wall_ms, clock.monotonic_ms)
    following = Following(config, enrolled, time, inbox)
    kept = _kept(config, following.central, time, lambda: inbox.put(None))
    ways = roads.build(config, signing, kept.store.epoch, _posting(inbox))
    pump = _pump(kept, ways.roads, signing, following, time)
    turn = commanding.join(config, kept.store, pump, kept.letters, inbox, signing)
    relays = Relays(config, Own(kept.writer, kept.store, pump, following.central, signing, inbox))
    gauge = Gauge(kept.store, pump, ways.roads, _meter(config), config.data_budget_mb)
    ways.roads.on_bytes = gauge.meter.count
    panel, setup_code = _panel(config), None if kept.accounts.any() else _setup_code()
    inspection = inspecting.build(config, Grounds(config, following), kept.letters, time)
    means = Means(kept.store, kept.writer, following, inspection, signing, time)
    pages = [*slices.pages(config, means), *relays.pages]
    outlook = Outlook(config.keys, pump, ways, time, kept.writer, relays, following)
    views = _Views(outlook.facts, gauge.facts, lambda: _host(panel))
    app = _app(config, kept, setup_code or _setup_code(), pages, views)
    usual = _duties(config, kept, panel, inbox, time, _tidying(app, ballast))
    usual += inspecting.duties(inspection, kept.store, kept.working)
    return Node(
        config=config,
        claim=claim,
        kept=kept,
        pump=pump,
        inbox=inbox,
        road=ways.roads,
        app=app,
        timetable=Timetable((*usual, *relays.duties, *_looking(config, ways.roads, gauge), turn)),
        following=following,
        relays=relays,
        setup_code=setup_code,
    )


def _looking(config: Config, roads: Roads, gauge: Gauge) -> tuple[Duty, ...]:
    told = config.data / "progress.json"
    return (
        Duty("roads", roads.look, LOOK_EVERY_S),
        Duty("meter", gauge.meter.keep, KEEP_EVERY_S, KEEP_EVERY_S),
        Duty("progress", lambda: gauge.tell(told), TELL_EVERY_S),
    )


def _pump(kept: Kept, road: Road, signing: Signing, following: Following, time: Timekeeper) -> Pump:
    pump = Pump(kept.store, road, signing, following.central, os.urandom)
    pump.on_beacon = time.beacon
    pump.monotonic_ms = clock.monotonic_ms
    following.join(pump)
    return pump


def _kept(config: Config, central: CentralKeys, time: Timekeeper, wake: Callable[[], None]) -> Kept:
    """``wake`` is called whenever something was written."""
    try:
        kept = _opened(config, central, time)
    except sqlite3.Error as error:
        raise NodeError(
            f"The databases in {config.data} cannot be opened ({error}): free room on the disk,"
            " or put back a copy."
        ) from error
    kept.store.on_commit = wake
    return kept


def _opened(config: Config, central: CentralKeys, time: Timekeeper) -> Kept:
    """Open the outbox three times: to write, to read, and for the boxes' own reading."""
    path = config.data / "outbox.db"
    first = open_database(path)
    prepare(first)
    reader, boxes_reader = open_database(path), open_database(path)
    writer = GroupWriter(first)
    segments = Segments(config.node, central.sealing, os.urandom)
    store = Store(config.node, writer, reader, segments, time.stamp, lambda: room.left(config) >= 0)
    letters = Inbox(store, writer)
    working = Working(config.data / "working.db", store, slices.PROJECTIONS)
    boxes = Boxes(writer.run, boxes_reader, os.urandom, Cost())
    return Kept(writer, store, letters, working, Accounts(boxes, store, working))


def _app(
    config: Config,
    kept: Kept,
    setup_code: str,
    pages: Sequence[Blueprint],
    views: _Views,
) -> Flask:
    office = Office(
        accounts=kept.accounts,
        store=kept.store,
        inbox=kept.letters,
        working=kept.working,
        now_ms=clock.wall_ms,
        monotonic_ms=clock.monotonic_ms,
        new_id=lambda: os.urandom(16),
        node_name=config.title,
        session_key=os.urandom(32),
        setup_code=setup_code,
        link=views.link,
        progress=views.progress,
        host=views.host,
        mandate=identity.mandate(config.keys),
        pages=pages,
        board=config.data / "board.cbor",
        time_zone=config.time_zone,
    )
    return create_app(office)


def _duties(
    config: Config,
    kept: Kept,
    panel: Panel,
    inbox: "SimpleQueue[Work | None]",
    time: Timekeeper,
    tidy: Callable[[], None],
) -> tuple[Duty, ...]:
    release = version("nezlam")
    store, working = kept.store, kept.working

    def tell_health() -> None:
        reading = health.fresh(panel.host.last, clock.monotonic_ms())
        told = health.node_health(release, store.depths(), reading, unlocked=working.is_open)
        entry = health.entry(told, time.stamp())
        inbox.put(lambda pump, now_ms, wall_ms: pump.offer_health(entry, now_ms, wall_ms))

    def purge() -> None:
        keep_hours = Policy(config.data / "policy.json").keep_hours(config.retention_hours)
        retention.purge(store, working, clock.wall_ms() - keep_hours * retention.HOUR_MS)
        oldest_ms = clock.wall_ms() - RecordDecided.retention_hours * retention.HOUR_MS
        working.forget(kept.letters.purge(oldest_ms))

    spool = courier.Spool(config.data / "courier", inbox.put)
    usual = duties(panel.refresh, tell_health, purge, tidy)
    return (*usual, Duty("courier", spool.look, COURIER_EVERY_S))


def _host(panel: Panel) -> HostFacts | None:
    return health.facts(panel.host.last, clock.monotonic_ms(), clock.wall_ms())


def _meter(config: Config) -> Meter:
    return Meter(config.data / "meter.json", clock.wall_ms)


def _panel(config: Config) -> Panel:
    return Panel(Instrument("host", Host(config.data).read, clock.monotonic_ms, _HOST_TIMEOUT_S))


def _ballast(config: Config) -> Ballast:
    """Made ready before the databases open, which on a full disk need the room that it gives."""
    ballast = Ballast(config.data / "ballast", lambda: room.free_bytes(config))
    ballast.trim()
    return ballast


def _tidying(app: Flask, ballast: Ballast) -> Callable[[], None]:
    def tidy() -> None:
        lock_when_idle(app)
        ballast.trim()

    return tidy


def _posting(inbox: "SimpleQueue[Work | None]") -> Callable[[RoadEvent], None]:
    def post(event: RoadEvent) -> None:
        came_ms = clock.monotonic_ms()  # the pump may be packing: that is not the road's time
        inbox.put(lambda pump, _, wall_ms: pump.take(event, came_ms, wall_ms))

    return post


def _setup_code() -> str:
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"{digits[:4]}-{digits[4:]}"
