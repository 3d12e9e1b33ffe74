"""Every log of central keeps the same promises: in memory, on SQLite and on PostgreSQL."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from central.store.database import Database
from central.store.log import SqlLog
from sync.core.intake import Intake
from sync.core.receiver import Finding, FindingCode
from sync.core.shelf import Log, Shelf
from sync.sim.machines import Keys, Node, new_keys
from sync.sim.memory_log import MemoryLog
from sync.sim.records import a_record
from sync.transport.port import Received, RoadUp
from sync.wire.lanes import DURABLE, Lane
from sync.wire.messages import Refused
from sync.wire.places import Mark, Stream
from tests import postgres

NODE = "node-0"
KEYS = new_keys(2)


class DiskError(Exception):
    """Played by the tests."""


class Failing:
    """A log whose disk fails at the end of each group."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @contextmanager
    def group(self, now_ms: int) -> Iterator[Shelf]:
        with self._log.group(now_ms) as shelf:
            yield shelf
            raise DiskError


class Office:
    """A node that speaks to central's intake over a log, message by message."""

    def __init__(self, log: Log, keys: Keys = KEYS) -> None:
        publics = {node_id: key.public_key() for node_id, key in keys.nodes.items()}
        self.log = log
        self.intake = Intake(log, keys.central, keys.opening, publics.get)
        self.sent: list[bytes] = []
        self.numbers = iter(range(10_000))
        self.node = Node(NODE, keys, random.Random(5), self.sent.append, lambda: None)
        self.node.put_image(None)
        self.node.take(RoadUp(), 0)

    def write(self, lane: Lane, count: int = 1) -> None:
        for number in (next(self.numbers) for _ in range(count)):
            self.node.write(a_record(lane, number), number.to_bytes(16, "big"))

    def talk(self) -> list[bytes]:
        """Let all that is to be said be said; give the node's messages."""
        said = []
        self.node.tick(0)
        while self.sent:
            data = self.sent.pop(0)
            said.append(data)
            for _, ack in self.intake.take([(NODE, data)], 1_000):
                self.node.take(Received(ack), 0)
            self.node.tick(0)
        return said

    def again(self) -> None:
        """Another start of the same node."""
        self.node.start()
        self.node.take(RoadUp(), 0)

    def held(self) -> dict[Stream, Mark]:
        with self.log.group(2_000) as shelf:
            return dict(shelf.book(NODE).held)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def new_log(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Log]:
    """Opens the one log of the test; a second call is central's next start on the same log."""
    if request.param == "memory":
        log = MemoryLog()
        return lambda: log
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'central.db'}"
    else:
        url = postgres.new_database(request.getfixturevalue("server"), "contract")

    def opened() -> Log:
        database = Database(url)
        database.migrate()
        request.addfinalizer(database.close)
        return SqlLog(database)

    return opened


@pytest.fixture
def office(new_log: Callable[[], Log]) -> Office:
    return Office(new_log())


def test_everything_that_was_written_is_held_in_its_order(office: Office) -> None:
    for lane in DURABLE:
        office.write(lane, 7)
    office.talk()
    assert {stream.lane: mark.seq for stream, mark in office.held().items()} == dict.fromkeys(
        DURABLE, 7
    )
    assert all(depth.waiting == 0 for depth in office.node.store.depths().values())


def test_messages_that_come_again_change_nothing(office: Office) -> None:
    office.write(Lane.PEOPLE, 3)
    said = office.talk()
    before = office.held()
    for data in reversed(said * 2):
        office.intake.take([(NODE, data)], 3_000)
    assert office.held() == before


def test_a_group_that_fails_leaves_nothing(office: Office) -> None:
    office.write(Lane.PEOPLE, 3)
    said = office.talk()
    office.write(Lane.PEOPLE, 2)
    office.node.tick(0)
    before = office.held()
    [batch] = [data for data in office.sent if data not in said]

    log = office.intake._log
    office.intake._log = Failing(log)
    with pytest.raises(DiskError):
        office.intake.take([(NODE, batch)], 3_000)
    office.intake._log = log
    assert office.held() == before
    office.intake.take([(NODE, batch)], 3_000)
    assert sum(mark.seq for mark in office.held().values()) == 5


def test_what_is_known_of_a_node_outlives_central(
    office: Office, new_log: Callable[[], Log]
) -> None:
    office.write(Lane.URGENT)
    office.talk()
    image = office.node.image()
    office.write(Lane.URGENT, 2)
    office.talk()
    office.node.put_image(image)
    office.node.take(RoadUp(), 0)
    office.write(Lane.URGENT)
    office.talk()
    with office.log.group(3_000) as shelf:
        before = shelf.book(NODE)
    with new_log().group(3_000) as shelf:
        after = shelf.book(NODE)
    assert list(after.links) == list(before.links)  # and in the same order
    assert (after.held, after.branchings) == (before.held, before.branchings)
    assert len(after.branchings) == 1  # the disk was put back from an image


def test_a_hash_is_found_again_and_one_that_is_not_held_is_not(office: Office) -> None:
    office.write(Lane.WORK, 2)
    office.talk()
    [(stream, mark)] = office.held().items()
    with office.log.group(3_000) as shelf:
        assert shelf.hash_at(NODE, stream, 2) == mark.head
        assert shelf.hash_at(NODE, stream, 3) is None
        assert shelf.hash_at("node-1", stream, 2) is None


def test_records_that_nobody_has_any_more_are_passed_over(office: Office) -> None:
    office.write(Lane.WORK)
    office.talk()
    [stream] = office.held()
    beyond = Mark(9, b"\x07" * 32)
    with office.log.group(3_000) as shelf:
        shelf.book(NODE).held[stream] = beyond
        shelf.concede(NODE, stream, beyond)
        shelf.found(NODE, Finding(FindingCode.HOLE, stream.epoch, stream, 9))
        shelf.found(NODE, Finding(FindingCode.HOLE, stream.epoch, stream, 9))
    assert office.held() == {stream: beyond}


def test_what_is_lost_may_be_of_an_epoch_that_is_not_known_yet(office: Office) -> None:
    stream = Stream(b"an epoch", Lane.PEOPLE)
    lost = Mark(5, b"\x07" * 32)
    with office.log.group(3_000) as shelf:
        shelf.book(NODE).held[stream] = lost
        shelf.concede(NODE, stream, lost)
        shelf.found(NODE, Finding(FindingCode.HOLE, stream.epoch, stream, 5))
    assert office.held() == {stream: lost}


def test_a_strangers_message_is_counted_and_not_believed(office: Office) -> None:
    office.write(Lane.PEOPLE)
    said = office.talk()
    before = office.held()
    assert office.intake.take([("node-1", said[-1]), ("nobody", b"\xff")], 3_000) == []
    with office.log.group(3_000) as shelf:
        shelf.refused(NODE, Refused.SEAL, b"bytes")
    assert office.held() == before


def test_only_the_latest_health_stays(office: Office) -> None:
    office.write(Lane.PEOPLE)
    office.talk()
    [stream] = office.held()
    with office.log.group(3_000) as shelf:
        for seq in (2, 1):
            shelf.health(NODE, stream.epoch, seq, b"entry %d" % seq)
    office.node.report_health(5_000)
    office.talk()


def test_each_start_of_a_node_continues_its_history(office: Office) -> None:
    for _ in range(3):
        office.write(Lane.PEOPLE, 2)
        office.again()
        office.talk()
    with office.log.group(3_000) as shelf:
        book = shelf.book(NODE)
    assert [mark.seq for mark in book.held.values()] == [2, 2, 2]
    assert book.branchings == {}
