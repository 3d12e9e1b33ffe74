"""A node whose key is good may still say anything: central takes it or refuses it, and lives."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.sim.memory_log import MemoryLog
from sync.transport.port import Received, RoadUp
from sync.wire import cbor
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.sign import payload_of, sign
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_projections import a_household

KEYS = new_keys(1)
CHANGES = st.tuples(
    st.integers(0, 1 << 16),  # which message, and which place in it
    st.integers(0, 1 << 16),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 64), (1 << 64) - 1),
        st.sampled_from([0, 1, 2, 3, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]),
        st.text(max_size=20),
        st.just("a\0b"),
        st.binary(max_size=40),
        st.lists(st.integers(0, 9), max_size=3),
    ),
)


@pytest.fixture(scope="module")
def story() -> list[bytes]:
    """All that a node says in two starts, so that its second hello has much to tell."""
    talker, intake = Talker(KEYS), an_intake(MemoryLog(), KEYS)
    said: list[bytes] = []
    for _ in range(2):
        talker.write(*(a_household(number) for number in range(3)))
        while messages := talker.messages():
            said += messages
            for data in messages:
                for _, ack in intake.take([(NODE, data)], 1_000):
                    talker.node.take(Received(ack), 0)
        talker.node.start()
        talker.node.take(RoadUp(), 0)
    return said + talker.messages()


@pytest.fixture(scope="module")
def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "central.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@contextmanager
def a_fresh_log(blank_file: Path) -> Iterator[SqlLog]:
    path = blank_file.with_name("used.db")
    shutil.copy(blank_file, path)
    database = Database(f"sqlite:///{path}")
    yield SqlLog(database)
    database.close()


def places_in(value: object) -> list[tuple[list[Any], int]]:
    """Every place of a payload where another value can stand."""
    if not isinstance(value, list):
        return []
    mine = [(value, index) for index in range(len(value))]
    return mine + [place for one in value for place in places_in(one)]


def changed(data: bytes, which: int, value: object) -> bytes:
    """Another value at one place, signed by the node all the same."""
    payload = cbor.decode(payload_of(data), MESSAGE_BYTES_MAX)
    places = places_in(payload)
    held, index = places[which % len(places)]
    held[index] = value
    return sign(cbor.encode(payload), KEYS.nodes[NODE])


@settings(max_examples=150)
@given(changes=st.lists(CHANGES, min_size=1, max_size=3), ahead=st.booleans())
def test_whatever_a_node_signs_central_goes_on(
    story: list[bytes], blank_file: Path, changes: list[tuple[int, int, Any]], ahead: bool
) -> None:
    told = list(story)
    for number, which, value in changes:
        told[number % len(told)] = changed(told[number % len(told)], which, value)
    with a_fresh_log(blank_file) as log:
        intake = an_intake(log, KEYS)
        for messages in (story, told) if ahead else (told, story):
            intake.take([(NODE, data) for data in messages], 1_000)
