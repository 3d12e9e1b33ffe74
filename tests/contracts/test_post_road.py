"""The HTTPS road keeps the promises of every road, at a real doorway."""

import queue
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from central import clock
from central.doorway import Doorway, DoorwayServer
from provisioning import authority, enrolment
from provisioning.enrolment import Signing
from sync.core.backoff import Backoff
from sync.sim.machines import new_keys
from sync.sim.memory_log import MemoryLog
from sync.sim.records import a_record
from sync.transport.port import Received, RoadEvent, RoadUp
from sync.transport.post import Door, PostRoad
from sync.transport.tls import TlsFiles
from sync.transport.trunk import FromNode
from sync.wire import knock
from sync.wire.knock import Knock
from sync.wire.lanes import DURABLE
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.sign import sign
from tests.central.building import NODE, Talker, an_intake
from tests.daemons import free_port

NOW = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
KEYS = new_keys(1)
PATIENCE_S = 20
RECORDS = 300
ROUNDS = 3


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Central's, and those of a central that nobody here trusts."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("central", "elsewhere"):
        root = authority.new_root(NOW)
        signing = Signing(root.certificate, authority.new_issuing(root, NOW))
        enrolment.enrol_central(folder / name, signing, ["127.0.0.1"], NOW)
    return folder


class Yard:
    """One doorway that can be closed and opened again, and roads to it."""

    def __init__(self, keys: Path, stack: ExitStack) -> None:
        self.keys, self.stack = keys, stack
        self.heard: queue.Queue[FromNode] = queue.Queue()
        self.port = free_port()
        self.open()

    def open(self, whose: str = "central") -> None:
        publics = {name: key.public_key() for name, key in KEYS.nodes.items()}
        self.doorway = Doorway(self.heard.put, publics.get, clock.monotonic_ms)
        folder = self.keys / whose
        files = TlsFiles(folder / "ca.crt", folder / "broker.crt", folder / "broker.key")
        self.server = DoorwayServer(self.doorway, {}, "127.0.0.1", self.port, files)
        self.server.start()
        self.stack.callback(self.server.stop)

    def road(self) -> "tuple[PostRoad, queue.Queue[RoadEvent]]":
        """Started."""
        events: queue.Queue[RoadEvent] = queue.Queue()
        road = PostRoad(
            Door(f"https://127.0.0.1:{self.port}", self.keys / "central" / "ca.crt"),
            lambda challenge: sign(knock.encode(Knock(NODE, challenge)), KEYS.nodes[NODE]),
            events.put,
            Backoff(random.Random(1).random, floor_ms=20, ceiling_ms=100),
            clock.monotonic_ms,
        )
        self.stack.callback(road.stop)
        road.start()
        return road, events


@pytest.fixture
def yard(keys: Path) -> Iterator[Yard]:
    with ExitStack() as stack:
        yield Yard(keys, stack)


def expect(events: "queue.Queue[Any]", what: object) -> None:
    """Wait for an event, or for one of a class."""
    while True:
        event = events.get(timeout=PATIENCE_S)
        if event == what or (isinstance(what, type) and isinstance(event, what)):
            return


def test_messages_go_both_ways_whole_up_to_the_largest(yard: Yard) -> None:
    road, events = yard.road()
    expect(events, RoadUp)
    for size in (0, 1, 70_000, MESSAGE_BYTES_MAX):
        data = random.Random(size).randbytes(size)
        road.send(data)
        expect(yard.heard, FromNode(NODE, data))
        assert yard.doorway.send(NODE, data)
        expect(events, Received(data))


def test_what_central_says_comes_at_once_while_nothing_is_sent(yard: Yard) -> None:
    road, events = yard.road()
    expect(events, RoadUp)
    road.send(b"the only word")
    expect(yard.heard, FromNode(NODE, b"the only word"))
    for number in range(5):
        began_ms = clock.monotonic_ms()
        yard.doorway.send(NODE, b"word %d" % number)
        expect(events, Received(b"word %d" % number))
        assert clock.monotonic_ms() - began_ms < 2_000


def test_a_doorway_that_was_closed_is_found_again(yard: Yard) -> None:
    road, events = yard.road()
    expect(events, RoadUp)
    road.send(b"before")
    expect(yard.heard, FromNode(NODE, b"before"))
    yard.server.stop()
    yard.open()  # and knows no session any more
    never = threading.Event()
    while yard.heard.empty() and not never.wait(0.05):
        road.send(b"after")
    expect(yard.heard, FromNode(NODE, b"after"))
    assert yard.doorway.send(NODE, b"welcome back")
    expect(events, Received(b"welcome back"))


def test_a_central_of_another_authority_is_told_nothing(yard: Yard) -> None:
    yard.server.stop()
    yard.open("elsewhere")
    road, events = yard.road()
    road.send(b"secret")
    with pytest.raises(queue.Empty):
        events.get(timeout=1)
    assert not road.is_up
    assert yard.heard.empty()


def test_nobody_who_shakes_hands_slowly_keeps_others_out(yard: Yard) -> None:
    idle = [socket.create_connection(("127.0.0.1", yard.port)) for _ in range(5)]
    try:
        began_ms = clock.monotonic_ms()
        _, events = yard.road()
        expect(events, RoadUp)
        assert clock.monotonic_ms() - began_ms < 5_000
    finally:
        for one in idle:
            one.close()


def close(yard: Yard, _: PostRoad) -> None:
    yard.server.stop()
    yard.open()


def redial(_: Yard, road: PostRoad) -> None:
    road.reconnect()


@pytest.mark.parametrize("disturb", [close, redial])
def test_a_road_disturbed_in_mid_flow_costs_nothing(
    yard: Yard, disturb: Callable[[Yard, PostRoad], None]
) -> None:
    log, talker = MemoryLog(), Talker(KEYS)
    intake = an_intake(log, KEYS)
    road, events = yard.road()
    expect(events, RoadUp)
    numbers = iter(range(RECORDS))
    now_ms = rounds = 0
    while talker.waiting or rounds < ROUNDS:
        said = talker.messages(now_ms)
        for data in said:
            road.send(data)
        if said and rounds < ROUNDS:
            rounds += 1
            disturb(yard, road)
            fresh = islice(numbers, RECORDS // ROUNDS)
            talker.write(*(a_record(DURABLE[number % len(DURABLE)], number) for number in fresh))
        group = [(one.node_id, one.data) for one in arrived(yard.heard)]
        for node_id, ack in intake.take(group, 1_000):
            yard.doorway.send(node_id, ack)
        found = arrived(events)
        now_ms += 0 if found else 1_000
        for event in found:
            talker.node.take(event, now_ms)
    book = log.book(NODE)
    assert sum(mark.seq for mark in book.held.values()) == RECORDS
    assert log.nodes[NODE].findings == set()


def arrived(events: "queue.Queue[Any]") -> list[Any]:
    """What came, after waiting a little for the first."""
    try:
        found = [events.get(timeout=0.05)]
    except queue.Empty:
        return []
    while not events.empty():
        found.append(events.get_nowait())
    return found
