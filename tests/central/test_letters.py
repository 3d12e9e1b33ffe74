"""The mailbox in SQL: what waits, what may be asked for again, and what never is."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from central.store import letters
from central.store.database import Database
from sync.wire.kinds.answers import CommandGiven, MessageSent
from sync.wire.lanes import Lane
from sync.wire.places import Stream

NODE, EPOCH = "node-0", b"epoch-01"
WORK, URGENT = Stream(EPOCH, Lane.WORK), Stream(EPOCH, Lane.URGENT)


def write(connection: Connection, *written_ms: int) -> None:
    for at_ms in written_ms:
        letters.write(connection, NODE, MessageSent(f"at {at_ms}", "central"), at_ms)
        letters.write(connection, NODE, CommandGiven("resend", "central"), at_ms)
    letters.number(connection, EPOCH, letters.unnumbered(connection))


def known(connection: Connection, since_ms: int) -> dict[Stream, tuple[int, int, int]]:
    found = letters.known(connection, NODE, since_ms)
    return {one.stream: (one.newest, one.held, one.floor) for one in found}


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as connection:
        write(connection, 100, 200, 300)
        for stream in (WORK, URGENT):
            letters.confirm(connection, NODE, stream, 2, 1_000)
    return database


def test_commands_that_were_confirmed_and_old_words_are_below_the_floor(filled: Database) -> None:
    with filled.writing() as connection:
        assert known(connection, 0) == {WORK: (3, 2, 0), URGENT: (3, 2, 2)}
        assert known(connection, 150) == {WORK: (3, 2, 1), URGENT: (3, 2, 2)}
        for stream in (WORK, URGENT):
            letters.confirm(connection, NODE, stream, 3, 1_000)
        assert letters.reaches(connection) == []
        assert known(connection, 250) == {WORK: (3, 3, 2), URGENT: (3, 3, 3)}
        assert known(connection, 400) == {}


def test_a_node_that_has_less_than_it_had_confirmed_waits_for_it_again(filled: Database) -> None:
    with filled.writing() as connection:
        letters.confirm(connection, NODE, WORK, 1, 2_000)
        found = {one.stream: one.held for one in letters.reaches(connection, NODE)}
        assert found == {WORK: 1, URGENT: 2}
        held = [one.held_at_ms for one in letters.newest(connection, NODE, 9)]
        assert held == [None, None, 1_000, None, 1_000, 1_000]


def test_nobody_else_is_told_of_it(filled: Database, tmp_path: Path) -> None:
    with filled.reading() as connection:
        assert letters.known(connection, tmp_path.name, 0) == []
