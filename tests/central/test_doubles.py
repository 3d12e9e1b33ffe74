"""Central finds doubles over all nodes, and its answer goes to the nodes that hold them."""

from pathlib import Path

import pytest

from central.doubles import COLUMNS, export_rows
from central.errors import LogRefusedError
from central.store import doubles, letters
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire.kinds.doubles import Answer, HouseholdCompared
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from tests.central.building import Talker, a_log, an_intake
from tests.central.test_ops import a_client

KEYS = new_keys(2)
HERE, THERE = "node-0", "node-1"


def a_family(surname: str, given_name: str, tax_number: str | None = None) -> HouseholdRegistered:
    member = Member(surname, given_name, tax_number=tax_number)
    return HouseholdRegistered((member,), "Бахмут", "Дніпро", True, "Олена")


class Region:
    """Two nodes that registered one household, each in its own spelling, and one of another."""

    def __init__(self, folder: Path) -> None:
        self.database, log = a_log(folder)
        self.log = log
        self.intake = an_intake(log, KEYS)
        self.here = Talker(KEYS, seed=5, node_id=HERE)
        self.there = Talker(KEYS, seed=6, node_id=THERE)
        self.here.write(a_family("Ковальчук", "Олександр", "3184710691"))
        self.there.write(a_family("Kovalchuk", "Aleksandr", "3184710691"))
        self.there.write(a_family("Бондар", "Ганна"))
        self.ours, self.theirs = self.name(self.here, 1), self.name(self.there, 1)
        self.hear()

    def name(self, talker: Talker, seq: int) -> str:
        epoch = talker.node.store.epoch.hex()[:6]
        return f"{talker.node_id}-{epoch}-{int(Lane.PEOPLE)}-{seq}"

    def hear(self) -> None:
        for talker in (self.here, self.there):
            talker.talk(self.intake)

    def ask(self) -> None:
        self.here.write(HouseholdCompared(self.ours, Answer.ASK, "Олена", self.theirs))
        self.hear()


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path)


def open_pairs(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        return [(one.about, one.other) for one in doubles.questions(connection)]


def test_a_household_registered_at_two_nodes_is_found_whatever_its_spelling(
    region: Region,
) -> None:
    with region.database.reading() as connection:
        assert list(doubles.find(connection, region.ours)) == [region.theirs]
        assert list(doubles.find(connection, region.theirs)) == [region.ours]
        assert doubles.find(connection, "nobody") == {}


def test_a_question_waits_until_somebody_has_answered(region: Region) -> None:
    region.ask()
    assert open_pairs(region.database) == [(region.ours, region.theirs)]
    said = HouseholdCompared(region.theirs, Answer.SAME, "Ірина", region.ours)
    with region.database.writing() as connection:
        assert doubles.answer(connection, said, 1) == [THERE, HERE]
        assert [one.kind for one in letters.newest(connection, HERE, 9)] == [said.kind]
        assert [one.kind for one in letters.newest(connection, THERE, 9)] == [said.kind]
    assert open_pairs(region.database) == []


def test_staff_who_find_out_themselves_close_the_question(region: Region) -> None:
    region.ask()
    region.there.write(HouseholdCompared(region.theirs, "different", "Ігор", region.ours))
    region.hear()
    assert open_pairs(region.database) == []


def test_a_rebuild_keeps_questions_answers_and_what_is_found(region: Region) -> None:
    region.ask()
    said = HouseholdCompared(region.ours, Answer.DIFFERENT, "Ірина", region.theirs)
    with region.database.writing() as connection:
        doubles.answer(connection, said, 1)
    SqlLog(region.database).rebuild()
    assert open_pairs(region.database) == []
    with region.database.reading() as connection:
        assert list(doubles.find(connection, region.ours)) == [region.theirs]


def test_an_answer_about_nobody_is_refused(region: Region) -> None:
    said = HouseholdCompared(region.ours, Answer.SAME, "Ірина", "node-9-000000-1-1")
    with region.database.writing() as connection, pytest.raises(LogRefusedError):
        doubles.answer(connection, said, 1)


def test_pains_8_one_tax_number_at_two_nodes_stands_twice_in_the_export(region: Region) -> None:
    with region.database.reading() as connection:
        rows = export_rows(connection)
    assert [row[:2] for row in rows] == [("3184710691", HERE), ("3184710691", THERE)]
    assert all(len(row) == len(COLUMNS) for row in rows)


@pytest.mark.parametrize("language", ["uk", "en"])
def test_operations_see_what_nodes_ask_and_nobodys_name(region: Region, language: str) -> None:
    region.ask()
    client = a_client(region.log)
    assert "/doubles" in client.get(f"/?lang={language}").text
    page = client.get(f"/doubles?lang={language}").text
    assert region.ours in page
    assert region.theirs in page
    assert "100" in page
    assert "Ковальчук" not in page
