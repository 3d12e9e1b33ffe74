"""The MQTT road keeps the same promises over each broker, and the ends hold all that lasts."""

import queue
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from central import clock
from central.broker import Broker, BrokerSettings, Members
from central.mosquitto import MOSQUITTO
from central.nats import NATS
from provisioning import authority, enrolment
from provisioning.enrolment import Signing
from sync.core.backoff import Backoff
from sync.core.intake import Intake
from sync.sim.machines import new_keys
from sync.sim.memory_log import MemoryLog
from sync.sim.records import a_record
from sync.transport.line import Caller, Endpoint, Reason
from sync.transport.mqtt import MqttRoad
from sync.transport.port import Received, RoadEvent, RoadUp
from sync.transport.tls import TlsFiles
from sync.transport.trunk import FromNode, MqttTrunk, NodeSeen, TrunkEvent
from sync.wire.lanes import DURABLE
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.presence import Presence
from tests.central.building import NODE, Talker, an_intake
from tests.daemons import require

NOW = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
OTHER = "node-1"
PATIENCE_S = 20
LOOK_EVERY_S = 0.05
LOOKS = 400
SILENT_ROUNDS = 3
KEYS = new_keys(1)
RECORDS = 400
ROUNDS = 4
RECIPES = {"nats": NATS, "mosquitto": MOSQUITTO}


def a_backoff() -> Backoff:
    return Backoff(random.Random(1).random, floor_ms=20, ceiling_ms=100)


def new_signing() -> Signing:
    root = authority.new_root(NOW)
    return Signing(root.certificate, authority.new_issuing(root, NOW))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a broker, central and two nodes, and one node of another authority."""
    folder = tmp_path_factory.mktemp("keys")
    signing = new_signing()
    enrolment.enrol_central(folder / "central", signing, ["127.0.0.1"], NOW)
    for node_id in (NODE, OTHER):
        enrolment.enrol_node(folder / node_id, node_id, folder / "central", signing, NOW)
    stranger = new_signing()
    enrolment.enrol_central(folder / "elsewhere", stranger, ["127.0.0.1"], NOW)
    enrolment.enrol_node(folder / "stranger", NODE, folder / "elsewhere", stranger, NOW)
    shutil.copy(folder / NODE / "ca.crt", folder / "stranger" / "ca.crt")
    return folder


class Yard:
    """One broker, central's trunk on it, and roads of nodes."""

    def __init__(self, kind: str, keys: Path, folder: Path, stack: ExitStack) -> None:
        self.kind, self.keys, self.folder, self.stack = kind, keys, folder, stack
        self.heard: queue.Queue[TrunkEvent] = queue.Queue()
        self.port = 0
        self.start_broker()
        self.trunk = MqttTrunk(
            Caller("central", "c" * 32),
            Endpoint("127.0.0.1", self.port, self.tls("central", "central")),
            self.heard.put,
            a_backoff(),
            clock.monotonic_ms,
        )
        self.trunk.start()
        stack.callback(self.trunk.stop)
        expect(self.heard, RoadUp)

    def start_broker(self) -> None:
        """At the port that it had before."""
        settings = BrokerSettings(
            self.folder / "broker", "127.0.0.1", self.port, self.tls("central", "broker")
        )
        self.broker = Broker(
            RECIPES[self.kind], settings, members(NODE, OTHER), a_backoff(), clock.monotonic_ms
        )
        self.broker.start()
        self.stack.callback(self.broker.stop)
        self.port = self.broker.port

    def tls(self, folder: str, name: str) -> TlsFiles:
        path = self.keys / folder
        return TlsFiles(path / "ca.crt", path / f"{name}.crt", path / f"{name}.key")

    def road(
        self, node_id: str, certificate_of: str | None = None
    ) -> "tuple[MqttRoad, queue.Queue[RoadEvent]]":
        """A road that has not been started; it may say another name than its certificate."""
        events: queue.Queue[RoadEvent] = queue.Queue()
        secret = f"{random.Random(certificate_of or node_id).getrandbits(64):x}"
        road = MqttRoad(
            Caller(node_id, secret),
            b"an epoch",
            Endpoint("127.0.0.1", self.port, self.tls(certificate_of or node_id, "node")),
            events.put,
            a_backoff(),
            clock.monotonic_ms,
        )
        self.stack.callback(road.stop)
        return road, events

    def open_road(self, node_id: str) -> "tuple[MqttRoad, queue.Queue[RoadEvent]]":
        road, events = self.road(node_id)
        road.start()
        expect(events, RoadUp)
        return road, events


def members(*node_ids: str) -> Members:
    return Members(frozenset(node_ids), frozenset({"central"}))


def expect(events: "queue.Queue[Any]", what: object) -> list[object]:
    """Wait for an event, or for one of a class; give what came before it."""
    before: list[object] = []
    while True:
        event = events.get(timeout=PATIENCE_S)
        if event == what or (isinstance(what, type) and isinstance(event, what)):
            return before
        before.append(event)


def expect_reason(road: MqttRoad, *reasons: Reason | None) -> None:
    """Wait until a road that was just started is open or closed for one of these reasons."""
    never = threading.Event()
    for _ in range(LOOKS):
        if road.reason in reasons:
            break
        never.wait(LOOK_EVERY_S)
    assert road.reason in reasons


@pytest.fixture(params=RECIPES)
def yard(request: pytest.FixtureRequest, keys: Path, tmp_path: Path) -> Iterator[Yard]:
    require(RECIPES[request.param].program)
    with ExitStack() as stack:
        yield Yard(request.param, keys, tmp_path, stack)


def test_messages_go_both_ways_whole_up_to_the_largest(yard: Yard) -> None:
    road, events = yard.open_road(NODE)
    for size in (0, 1, 70_000, MESSAGE_BYTES_MAX):
        data = random.Random(size).randbytes(size)
        road.send(data)
        expect(yard.heard, FromNode(NODE, data))
        yard.trunk.send(NODE, data)
        expect(events, Received(data))


def test_a_birth_and_a_farewell_are_heard(yard: Yard) -> None:
    road, _ = yard.open_road(NODE)
    expect(yard.heard, NodeSeen(NODE, Presence(b"an epoch", up=True)))
    road.stop()
    expect(yard.heard, NodeSeen(NODE, Presence(b"an epoch", up=False)))


def converse(yard: Yard, disturb: Callable[[], None]) -> MemoryLog:
    """Let a node bring what is written, while ``disturb`` comes between a message and its ack.

    The node's clock goes on only when nothing comes.
    """
    log, talker = MemoryLog(), Talker(KEYS)
    intake = an_intake(log, KEYS)
    road, events = yard.open_road(NODE)
    numbers = iter(range(RECORDS))
    now_ms = rounds = 0
    while talker.waiting or rounds < ROUNDS:
        said = talker.messages(now_ms)
        for data in said:
            road.send(data)
        if said and rounds < ROUNDS:
            rounds += 1
            disturb()
            fresh = islice(numbers, RECORDS // ROUNDS)
            talker.write(*(a_record(DURABLE[number % len(DURABLE)], number) for number in fresh))
        take_in(yard, intake)
        found = arrived(events)
        now_ms += 0 if found else 1_000
        for heard in found:
            talker.node.take(heard, now_ms)
    return log


def take_in(yard: Yard, intake: Intake) -> None:
    """What central does with what it hears."""
    group = [(one.node_id, one.data) for one in arrived(yard.heard) if isinstance(one, FromNode)]
    for node_id, ack in intake.take(group, 1_000):
        yard.trunk.send(node_id, ack)


def arrived(events: "queue.Queue[Any]") -> list[Any]:
    """What came, after waiting a little for the first."""
    try:
        found = [events.get(timeout=LOOK_EVERY_S)]
    except queue.Empty:
        return []
    while not events.empty():
        found.append(events.get_nowait())
    return found


def expect_all(log: MemoryLog) -> None:
    book = log.book(NODE)
    assert {stream.lane: mark.seq for stream, mark in book.held.items()} == dict.fromkeys(
        DURABLE, RECORDS // len(DURABLE)
    )
    assert log.nodes[NODE].findings == set()


def test_a_broker_killed_in_mid_flow_costs_nothing(yard: Yard) -> None:
    killed: set[int] = set()

    def kill() -> None:
        pid = yard.broker.pid
        if pid is not None and pid not in killed:
            psutil.Process(pid).kill()
            killed.add(pid)

    expect_all(converse(yard, kill))
    assert len(killed) > 1
    assert yard.broker.pid not in killed


def test_a_broker_that_lost_all_its_files_costs_nothing(yard: Yard) -> None:
    def wipe() -> None:
        yard.broker.stop()
        shutil.rmtree(yard.folder / "broker")
        yard.start_broker()

    expect_all(converse(yard, wipe))


def test_a_node_speaks_on_no_topic_of_another(yard: Yard) -> None:
    intruder, _ = yard.road(NODE, certificate_of=OTHER)
    intruder.start()
    for _ in range(20):
        intruder.send(b"forged")
    honest, _ = yard.open_road(NODE)
    honest.send(b"mine")
    assert FromNode(NODE, b"forged") not in expect(yard.heard, FromNode(NODE, b"mine"))


def test_a_node_hears_nothing_that_is_meant_for_another(yard: Yard) -> None:
    intruder, overheard = yard.road(NODE, certificate_of=OTHER)
    intruder.start()
    # NATS grants it no subscription, and we hang up; Mosquitto grants one, and delivers nothing.
    expect_reason(intruder, None, Reason.TURNED_AWAY, Reason.LOST)
    _, events = yard.open_road(NODE)
    yard.trunk.send(NODE, b"for one node alone")
    expect(events, Received(b"for one node alone"))
    assert not any(isinstance(event, Received) for event in arrived(overheard))


def test_a_certificate_of_another_authority_opens_nothing(yard: Yard) -> None:
    stranger, events = yard.road(NODE, certificate_of="stranger")
    stranger.start()
    expect_reason(stranger, Reason.TURNED_AWAY, Reason.LOST)
    assert events.empty()


def test_a_node_taken_off_the_list_is_not_heard_any_more(yard: Yard) -> None:
    removed, _ = yard.open_road(NODE)
    staying, events = yard.open_road(OTHER)
    yard.broker.reload(members(OTHER))
    # The broker takes the list in its own time: ask until it holds. One word may only be late.
    silent = 0
    for number in range(LOOKS):
        removed.send(b"am I heard? %d" % number)
        heard = say_until_heard(yard, staying, b"round %d" % number)
        silent = 0 if FromNode(NODE, b"am I heard? %d" % number) in heard else silent + 1
        if silent == SILENT_ROUNDS:
            break
        arrived(events)
    removed.send(b"gone")
    assert FromNode(NODE, b"gone") not in say_until_heard(yard, staying, b"last")


def say_until_heard(yard: Yard, road: MqttRoad, data: bytes) -> list[Any]:
    """Give all that central heard meanwhile. A road may lose what it is given."""
    heard: list[Any] = []
    for _ in range(LOOKS):
        road.send(data)
        heard += arrived(yard.heard)
        if FromNode(OTHER, data) in heard:
            return heard
    raise AssertionError(f"{data!r} is not heard")
