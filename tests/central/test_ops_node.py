"""One node's page: what it captured and what is held, words to it, and who may send them."""

import base64
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central.ops import ledger
from central.ops.node_words import WORDS
from central.store import letters
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire.batch import Item
from sync.wire.kinds.answers import Act, CommandDone, Outcome
from sync.wire.lanes import Lane
from sync.wire.places import Mark
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_ops import a_client
from tests.central.test_projections import a_household

KEYS = new_keys(1)
PASSPHRASE = "чотири зелені яблука"
ASKED = {"Authorization": "Basic " + base64.b64encode(f"Олена:{PASSPHRASE}".encode()).decode()}
PAGE = f"/nodes/{NODE}?lang=en"


@pytest.fixture
def log(database: Database) -> SqlLog:
    return SqlLog(database)


@pytest.fixture
def staff(log: SqlLog) -> FlaskClient:
    return a_client(log, PASSPHRASE)


def send(staff: FlaskClient, **fields: str) -> TestResponse:
    found = re.search(r'name="token" value="(\w+)"', staff.get(PAGE, headers=ASKED).text)
    assert found is not None
    return staff.post(PAGE, data={"token": found[1]} | fields, headers=ASKED)


def written(database: Database) -> list[letters.Sent]:
    with database.reading() as connection:
        return letters.newest(connection, NODE, 9)


def test_the_ledger_agrees_and_then_names_what_is_missing(log: SqlLog, database: Database) -> None:
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    talker.write(*(a_household(number) for number in range(4)))
    talker.talk(intake)
    page = a_client(log).get(PAGE).text
    assert "all is here" in page
    assert "What is missing" not in page
    talker.write(*(a_household(number) for number in range(4, 7)))
    hello = talker.twin().messages()[0]  # tells of all seven and brings none
    intake.take([(NODE, hello)], 2_000)
    with database.reading() as connection:
        [people] = [one for one in ledger.accounts(connection, NODE) if one.lane is Lane.PEOPLE]
    assert (people.captured, people.held, people.agrees) == (7, 4, True)
    [gap] = people.missing
    assert (gap.count, gap.is_lost) == (3, False)
    assert (gap.first[-2:], gap.last[-2:]) == ("-5", "-7")
    assert "still on the node" in a_client(log).get(PAGE).text


def test_what_nobody_has_any_more_is_listed_as_lost(log: SqlLog, database: Database) -> None:
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    talker.write(*(a_household(number) for number in range(4)))
    talker.talk(intake)
    [(stream, mark)] = log.book(NODE).held.items()
    with log.group(2_000) as shelf:
        shelf.concede(NODE, stream, Mark(9, mark.head))
    with log.group(2_000) as shelf:
        shelf.append(NODE, stream, 10, [Item(b"", bytes(32), b"")])
    with log.group(2_000) as shelf:
        shelf.concede(NODE, stream, Mark(11, mark.head))
    with database.reading() as connection:
        [people] = [one for one in ledger.accounts(connection, NODE) if one.lane is Lane.PEOPLE]
    assert (people.captured, people.held) == (11, 5)
    assert [(gap.first[-2:], gap.last[-3:], gap.count) for gap in people.missing] == [
        ("-5", "1-9", 5),
        ("11", "-11", 1),
    ]
    assert all(gap.is_lost for gap in people.missing)


def test_the_answer_to_a_command_is_shown(log: SqlLog) -> None:
    talker = Talker(KEYS)
    talker.write(CommandDone("resend", "00-1-1", "done", "All is sent <again>."))
    talker.talk(an_intake(log, KEYS))
    page = a_client(log).get(PAGE).text
    assert "All is sent &lt;again&gt;." in page
    assert "send what is not confirmed again" in page


def test_a_message_goes_when_it_was_confirmed_and_not_before(
    staff: FlaskClient, database: Database
) -> None:
    words = {"what": "message", "text": "Хліб\nу п'ятницю"}
    asks = send(staff, **words)
    assert (asks.status_code, "Send this to the node?" in asks.text) == (200, True)
    assert written(database) == []
    assert send(staff, **words, sure="yes").status_code == 303
    [letter] = written(database)
    assert letter.entry.body == {"text": "Хліб\nу п'ятницю", "sent_by": "Олена"}
    page = staff.get(PAGE, headers=ASKED).text
    assert "Хліб\nу п&#39;ятницю" in page
    assert ">waits<" in page


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"what": "message", "text": "  "}, "Write the text"),
        ({"what": "message", "text": "a" * 2_001}, "too long"),
        ({"what": "shell"}, "Choose a command"),
        ({"what": "set_policy"}, "how many hours"),
        ({"what": "set_policy", "hours": "9999"}, "how many hours"),
    ],
)
def test_what_is_not_complete_is_said_and_nothing_is_written(
    staff: FlaskClient, database: Database, fields: dict[str, str], problem: str
) -> None:
    answer = send(staff, **fields, sure="yes")
    assert (answer.status_code, problem in answer.text) == (400, True)
    assert written(database) == []


def test_a_command_is_written_with_who_gave_it(staff: FlaskClient, database: Database) -> None:
    assert send(staff, what="set_policy", hours="24", sure="yes").status_code == 303
    [letter] = written(database)
    assert letter.entry.body == {"act": "set_policy", "given_by": "Олена", "keep_hours": 24}


def test_without_the_token_of_the_page_nothing_is_sent(
    staff: FlaskClient, database: Database
) -> None:
    words = {"what": "message", "text": "Hello", "sure": "yes"}
    assert staff.post(PAGE, data=words, headers=ASKED).status_code == 403
    of_another = re.search(
        r'name="token" value="(\w+)"', staff.get("/nodes/lviv-2", headers=ASKED).text
    )
    assert of_another is not None
    words["token"] = of_another[1]
    assert staff.post(PAGE, data=words, headers=ASKED).status_code == 403
    assert staff.post(PAGE, data=words).status_code == 401
    assert written(database) == []


def test_where_everybody_may_look_nobody_may_send(log: SqlLog, database: Database) -> None:
    client = a_client(log)
    page = client.get(PAGE).text
    assert ("<form" in page, "ops.passphrase_file" in page) == (False, True)
    words = {"what": "message", "text": "Hello", "sure": "yes"}
    assert client.post(PAGE, data=words).status_code == 404
    assert written(database) == []


def test_every_language_has_every_word() -> None:
    assert WORDS["uk"].keys() == WORDS["en"].keys()
    assert {act.value for act in Act} | {one.value for one in Outcome} <= WORDS["uk"].keys()


def test_a_node_that_nobody_knows_has_no_page(log: SqlLog, tmp_path: Path) -> None:
    assert a_client(log).get("/nodes/nobody").status_code == 404
    assert a_client(log).get(f"/nodes/{tmp_path.name}").status_code == 404
