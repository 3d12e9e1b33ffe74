"""What operations see is derived from the log, and derived anew it is the same."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from central.errors import LogRefusedError
from central.ops import queries
from central.store.database import Database
from central.store.log import SqlLog
from central.store.tables import fleet, households, persons, quarantine
from sync.sim.machines import new_keys
from sync.sim.records import a_record
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from tests.central.building import NODE, Talker, an_intake

KEYS = new_keys(1)


def a_household(number: int) -> HouseholdRegistered:
    members = tuple(
        Member(f"Коваль-{number}", f"Ім'я {n}", born_on=date(1990, 1, 1 + n))
        for n in range(1 + number % 4)
    )
    return HouseholdRegistered(
        members, "Маріуполь", "Дніпро", True, "Олена", needs=("chronic_illness",)
    )


def shown(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in (households, persons, quarantine, fleet)
        }


@pytest.fixture
def filled(database: Database) -> SqlLog:
    log = SqlLog(database)
    talker = Talker(KEYS)
    talker.write(*(a_household(number) for number in range(9)))
    talker.write(a_record(Lane.URGENT, 1))  # of a kind that central does not know
    talker.talk(an_intake(log, KEYS))
    assert talker.waiting == 0
    return log


def test_a_rebuild_gives_what_ingest_made(database: Database, filled: SqlLog) -> None:
    before = shown(database)
    assert {name: len(rows) for name, rows in before.items()} == {
        "households": 9,
        "persons": sum(1 + number % 4 for number in range(9)),
        "quarantine": 1,
        "fleet": 1,
    }
    assert filled.rebuild() == 10
    assert shown(database) == before


def test_the_overview_counts_what_there_is(database: Database, filled: SqlLog) -> None:
    found = queries.overview(database, frozenset({NODE, "node-new"}), 2_000)
    [node, newcomer] = found.nodes
    assert (found.households, sum(found.per_minute)) == (9, 10)
    assert (node.records, node.households, node.quarantined) == (10, 9, 1)
    assert node.lanes[Lane.PEOPLE].held == 9
    assert newcomer.last_seen_ms is None


def test_what_a_copied_machine_writes_is_kept_and_not_shown(database: Database) -> None:
    log = SqlLog(database)
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(intake)
    twin = talker.twin()
    for number in (2, 3, 4):
        for machine in (twin, talker):
            machine.write(a_household(number))
            machine.talk(intake)
    assert (talker.waiting, twin.waiting) == (0, 0)
    [node] = queries.overview(database, frozenset(), 2_000).nodes
    assert node.alerts == {"fork": 1, "clone": 1}
    # What the copy wrote before both had gone on could still be of one machine put back.
    assert (node.records, node.households) == (7, 6)
    before = shown(database)
    log.rebuild()
    assert shown(database) == before


def test_the_log_only_grows(database: Database, filled: SqlLog) -> None:
    for statement in ("UPDATE records SET kind = 'x'", "DELETE FROM records"):
        with pytest.raises(LogRefusedError), database.writing() as connection:
            connection.exec_driver_sql(statement)


def test_migrating_again_changes_nothing(database: Database, filled: SqlLog) -> None:
    before = shown(database)
    database.migrate()
    assert shown(database) == before
