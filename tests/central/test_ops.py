"""Operations see at one look which node needs help, and nobody's name."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from central.ops.pages import Sources, create_app
from central.ops.words import LANGUAGES, WORDS
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from tests.central.building import NODE, Talker, a_log, an_intake
from tests.central.test_projections import a_household

KEYS = new_keys(1)


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    _, log = a_log(tmp_path)
    talker = Talker(KEYS)
    talker.write(a_household(3))
    talker.talk(an_intake(log, KEYS), now_ms=60_000)
    return log


@pytest.fixture
def client(log: SqlLog) -> FlaskClient:
    database: Database = log._database
    nodes = frozenset({NODE, "lviv-2"})
    sources = Sources(
        database, lambda: nodes, lambda: 61_000, lambda: None, ZoneInfo("Europe/Kyiv")
    )
    return create_app(sources).test_client()


def test_the_page_shows_each_node_and_no_person(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    assert NODE in page
    assert "lviv-2" in page
    assert "never seen yet" in page
    assert "Коваль" not in page


def test_the_page_needs_no_script_and_allows_none(client: FlaskClient) -> None:
    answer = client.get("/")
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_programs_get_the_same_as_json(client: FlaskClient) -> None:
    told = client.get("/api/fleet").get_json()
    assert told["households"] == 1
    node = next(one for one in told["nodes"] if one["node"] == NODE)
    assert (node["state"], node["lanes"]["people"]["held"]) == ("up", 1)
    assert client.get("/api/households/count").get_json() == {"count": 1}


def test_a_birth_and_a_will_show(client: FlaskClient, log: SqlLog) -> None:
    log.note_presence(NODE, b"12345678", 60_500, is_up=True)
    log.note_presence(NODE, b"another!", 60_600, is_up=False)  # of an earlier start: too late
    assert "dark" not in client.get("/?lang=en").text
    log.note_presence(NODE, b"12345678", 60_700, is_up=False)
    assert "dark" in client.get("/?lang=en").text


def test_both_languages_have_the_same_words() -> None:
    assert set(WORDS) == set(LANGUAGES)
    assert WORDS["uk"].keys() == WORDS["en"].keys()


def test_nothing_can_be_posted(client: FlaskClient) -> None:
    assert client.post("/").status_code == 405
