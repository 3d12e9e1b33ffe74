"""Edits at central: whatever order nodes are heard in, the household is the same."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from central.ops import queries
from central.store import letters, sharing
from central.store.database import Database
from central.store.log import SqlLog
from central.store.tables import collisions, households, persons, quarantine
from sync.merge import clock
from sync.sim.machines import new_keys
from sync.wire.kinds.household import REMOVED, HouseholdEdited, HouseholdRegistered, Member
from sync.wire.lanes import Lane
from tests.central.building import Talker, an_intake
from tests.central.test_ops import a_client

KEYS = new_keys(3)
HOME, OTHER, THIRD = "node-0", "node-1", "node-2"
FIRST = HouseholdRegistered(
    (Member("Коваль", "Ганна"), Member("Коваль", "Іван")), "Бахмут", "Дніпро", True, "Олена"
)


class Nodes:
    """Three nodes that write by turns and are heard in any order."""

    def __init__(self, log: SqlLog) -> None:
        self.intake = an_intake(log, KEYS)
        self.talkers = {
            name: Talker(KEYS, seed=seed, node_id=name)
            for seed, name in enumerate((HOME, OTHER, THIRD), start=5)
        }
        self.seen: dict[str, list[HouseholdEdited]] = {name: [] for name in self.talkers}
        home = self.talkers[HOME]
        home.write(FIRST)
        epoch = home.node.store.epoch
        self.about = f"{HOME}-{epoch.hex()[:6]}-{int(Lane.PEOPLE)}-1"

    def edit(self, name: str, field: str, text: str, *, knows_all: bool) -> HouseholdEdited:
        known = [
            edit
            for writer, edits in self.seen.items()
            if knows_all or writer == name
            for edit in edits
            if edit.field == field
        ]
        stamps = [edit.stamp for edit in known]
        epoch = self.talkers[name].node.store.epoch
        stamp = clock.stamp_after(stamps, 1_000, epoch)
        edit = HouseholdEdited(self.about, field, "", text, stamp, "Олена", tuple(sorted(stamps)))
        self.seen[name].append(edit)
        self.talkers[name].write(edit)
        return edit

    def hear(self, names: Sequence[str]) -> None:
        for name in names:
            self.talkers[name].talk(self.intake)


def shown(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as connection:
        return [
            sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
            for columns in (
                (households.c.phone, households.c.shelter, households.c.removed),
                (persons.c.ordinal, persons.c.surname, persons.c.given_name),
                (collisions.c.field,),
            )
        ]


EDITS = st.lists(
    st.tuples(
        st.sampled_from([HOME, OTHER, THIRD]),
        st.sampled_from(["phone", "shelter", "surname-1", "given_name-1", REMOVED]),
        st.sampled_from(["", "yes"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, data=st.data())
def test_any_order_of_arrival_gives_the_same_household(
    edits: list[tuple[str, str, str, bool]],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    results = []
    for order in ([HOME, OTHER, THIRD], data.draw(st.permutations([HOME, OTHER, THIRD]))):
        database = a_database(tmp_path_factory.mktemp("central"))
        log = SqlLog(database)
        nodes = Nodes(log)
        for name, field, text, knows_all in edits:
            nodes.edit(name, field, text, knows_all=knows_all)
        nodes.hear(order)
        results.append(shown(database))
        log.rebuild()
        assert shown(database) == results[-1]
        database.close()
    assert results[0] == results[1]


def a_database(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'central'}.db")
    database.migrate()
    return database


def test_an_edit_goes_to_every_node_that_holds_the_household_and_to_no_other(
    database: Database,
) -> None:
    nodes = Nodes(SqlLog(database))
    nodes.hear([HOME])
    with database.writing() as connection:
        letters.write(connection, OTHER, sharing.whole(connection, nodes.about), 1)
    nodes.edit(HOME, "phone", "+380501112233", knows_all=True)
    nodes.edit(OTHER, "shelter", "Стрий", knows_all=True)
    nodes.hear([HOME, OTHER, THIRD])
    with database.reading() as connection:
        told = {
            name: [letter.entry.body.get("field") for letter in letters.newest(connection, name, 9)]
            for name in (HOME, OTHER, THIRD)
        }
    assert told == {HOME: ["shelter"], OTHER: ["phone", None], THIRD: []}


def test_an_edit_that_no_node_writes_is_put_aside_and_changes_nothing(database: Database) -> None:
    nodes = Nodes(SqlLog(database))
    edit = nodes.edit(HOME, "no_such_field", "x", knows_all=True)
    nodes.hear([HOME])
    assert edit.field not in str(shown(database))
    with database.reading() as connection:
        assert len(connection.execute(select(quarantine)).all()) == 1


def test_operations_are_shown_what_collides_and_where_but_not_what_was_written(
    database: Database,
) -> None:
    log = SqlLog(database)
    nodes = Nodes(log)
    for name, phone in ((HOME, "+380502222233"), (OTHER, "+380503332233")):
        nodes.edit(name, "phone", phone, knows_all=False)
    client = a_client(log)
    assert "There are no collisions." in client.get("/collisions?lang=en").text
    nodes.hear([HOME, OTHER])
    assert "Collisions (1)" in client.get("/?lang=en").text
    page = client.get("/collisions?lang=en").text
    assert all(said in page for said in (nodes.about, "phone", HOME, OTHER))
    assert "+38050" not in page
    nodes.edit(OTHER, "phone", "+380503332233", knows_all=True)
    nodes.hear([OTHER])
    assert "There are no collisions." in client.get("/collisions?lang=en").text


def test_a_household_that_was_taken_out_is_counted_no_more(database: Database) -> None:
    nodes = Nodes(SqlLog(database))
    nodes.hear([HOME])
    assert queries.household_count(database) == 1
    nodes.edit(HOME, REMOVED, "yes", knows_all=True)
    nodes.hear([HOME])
    assert queries.household_count(database) == 0
