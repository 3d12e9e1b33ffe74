"""Acks leave after the commit, and a database that fails costs nothing but time."""

import random
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from central.errors import LogAwayError, LogBrokenError, LogRefusedError
from central.ingest import QUEUE_BYTES_MAX, Ingest
from sync.core.backoff import Backoff
from sync.core.intake import Intake
from sync.sim.machines import new_keys
from sync.sim.memory_log import MemoryLog
from sync.sim.records import a_record
from sync.transport.trunk import FromNode, NodeSeen
from sync.wire.lanes import Lane
from sync.wire.presence import Presence
from tests.central.building import NODE, Talker

KEYS = new_keys(2)
PATIENCE_S = 10


class Moody(Intake):
    """The real intake behind a database that fails as often as ``errors`` says."""

    errors: Iterator[Exception | None] = iter(())

    def take(self, group: Iterable[tuple[str, bytes]], now_ms: int) -> list[tuple[str, bytes]]:
        error = next(self.errors, None)
        if error is not None:
            raise error
        return super().take(group, now_ms)


class Hints:
    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []

    def note_presence(self, node_id: str, epoch: bytes, now_ms: int, *, is_up: bool) -> None:
        self.seen.append((node_id, is_up))


class Post:
    """Where acks are sent; a test waits for the next one."""

    def __init__(self) -> None:
        self.acks: list[bytes] = []
        self._turn = threading.Condition()

    def send(self, node_id: str, data: bytes) -> None:
        assert node_id == NODE
        with self._turn:
            self.acks.append(data)
            self._turn.notify()

    def wait_for(self, count: int) -> list[bytes]:
        with self._turn:
            assert self._turn.wait_for(lambda: len(self.acks) >= count, PATIENCE_S)
            return self.acks[:count]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def start(post: Post) -> Iterator[Callable[..., Ingest]]:
    running: list[Ingest] = []

    def started(errors: list[Exception | None], hints: Hints | None = None) -> Ingest:
        publics = {node_id: key.public_key() for node_id, key in KEYS.nodes.items()}
        intake = Moody(MemoryLog(), KEYS.central, KEYS.opening, publics.get)
        intake.errors = iter(errors)
        backoff = Backoff(random.Random(1).random, floor_ms=1, ceiling_ms=5)
        ingest = Ingest(intake, hints or Hints(), post.send, backoff, lambda: 5_000)
        ingest.start()
        running.append(ingest)
        return ingest

    yield started
    for ingest in running:
        ingest.stop()


def a_talker() -> Talker:
    talker = Talker(KEYS)
    talker.write(a_record(Lane.PEOPLE, 1), a_record(Lane.URGENT, 2))
    return talker


def test_what_is_stored_is_acked(start: Callable[..., Ingest], post: Post) -> None:
    ingest, talker = start([]), a_talker()
    heard = 0
    while talker.waiting:
        said = talker.messages()
        for data in said:
            ingest.put(FromNode(NODE, data))
        for ack in post.wait_for(heard + 1)[heard:]:
            heard += 1
            talker.hear(ack)
    assert talker.waiting == 0


def test_while_the_database_is_away_nothing_is_acked_and_then_all_is(
    start: Callable[..., Ingest], post: Post
) -> None:
    ingest, talker = start([LogAwayError("out of reach")] * 5), a_talker()
    for data in talker.messages():
        ingest.put(FromNode(NODE, data))
    post.wait_for(1)
    assert ingest.trouble is None


def test_a_message_that_the_database_refuses_takes_no_other_with_it(
    start: Callable[..., Ingest], post: Post
) -> None:
    refused = LogRefusedError("no column takes it")
    # The whole group, then its first message alone.
    ingest, talker = start([refused, refused]), a_talker()
    messages = talker.messages()
    with ingest._turn:  # so that they make up one group
        for data in [b"poison", *messages]:
            ingest._queue.append(FromNode(NODE, data))
        ingest._turn.notify()
    post.wait_for(1)
    assert ingest.refused == 1


def test_a_database_that_cannot_be_trusted_ends_the_work(start: Callable[..., Ingest]) -> None:
    ingest = start([LogBrokenError("the file is damaged")])
    ingest.put(FromNode(NODE, b"anything"))
    assert ingest.broken.wait(PATIENCE_S)
    assert ingest.trouble == "the file is damaged"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_central_that_stores_nothing_any_more_does_not_look_alive(
    start: Callable[..., Ingest],
) -> None:
    ingest = start([ZeroDivisionError("a fault of our own")])
    ingest.put(FromNode(NODE, b"anything"))
    assert ingest.broken.wait(PATIENCE_S)
    assert ingest.trouble == "Storing ended with an error: see the log."


def test_births_and_wills_are_noted(start: Callable[..., Ingest], post: Post) -> None:
    hints = Hints()
    ingest, talker = start([], hints), a_talker()
    ingest.put(NodeSeen(NODE, Presence(bytes(8), up=True)))
    for data in talker.messages():
        ingest.put(FromNode(NODE, data))
    post.wait_for(1)
    assert hints.seen == [(NODE, True)]


def test_a_flood_is_let_go_and_not_kept(start: Callable[..., Ingest]) -> None:
    ingest = start([LogAwayError("out of reach")] * 100_000)
    with ingest._turn:  # so that nothing is taken out meanwhile
        for _ in range(QUEUE_BYTES_MAX // (1024 * 1024) + 3):
            ingest.put(FromNode(NODE, bytes(1024 * 1024)))
    assert ingest.dropped > 0
