"""Operations see at one look which node needs help, and nobody's name."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from central.ops.pages import Sources, create_app
from central.ops.words import LANGUAGES, WORDS
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.transport.line import Reason
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


def a_client(
    log: SqlLog, passphrase: str | None = None, trouble: str | None = None, road: str | None = None
) -> FlaskClient:
    nodes = frozenset({NODE, "lviv-2"})
    zone = ZoneInfo("Europe/Kyiv")
    sources = Sources(
        log._database,
        lambda: nodes,
        lambda: 61_000,
        lambda: trouble,
        lambda: road,
        zone,
        passphrase,
    )
    return create_app(sources).test_client()


@pytest.fixture
def client(log: SqlLog) -> FlaskClient:
    return a_client(log)


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
    assert "dark since <time>01.01.1970 03:01:00</time>" in client.get("/?lang=en").text


def test_both_languages_have_the_same_words() -> None:
    assert set(WORDS) == set(LANGUAGES)
    assert WORDS["uk"].keys() == WORDS["en"].keys()


@pytest.mark.parametrize("reason", list(Reason))
def test_a_central_that_is_cut_off_itself_says_so_before_anyone_blames_the_nodes(
    log: SqlLog, reason: Reason
) -> None:
    client = a_client(log, road=reason)
    assert "Central itself has no connection" in client.get("/?lang=en").text
    assert reason not in client.get("/?lang=uk").text.split("<article")[0]
    assert client.get("/api/fleet").get_json()["road"] == reason


def test_a_central_that_stores_nothing_says_why(log: SqlLog) -> None:
    assert "The disk is full." in a_client(log, trouble="The disk is full.").get("/").text


def test_nothing_can_be_posted(client: FlaskClient) -> None:
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/api/fleet", "/api/households/count", "/static/ops.css"])
def test_other_machines_must_say_the_passphrase(log: SqlLog, path: str) -> None:
    client = a_client(log, "сім синіх світлофорів")
    closed = client.get(path)
    assert (closed.status_code, NODE in closed.text) == (401, False)
    assert closed.headers["WWW-Authenticate"].startswith("Basic")
    assert client.get(path, auth=("ops", "сім синіх світлофорі")).status_code == 401
    assert client.get(path, headers={"Authorization": "Basic ???"}).status_code == 401
    with client.get(path, auth=("ops", "сім синіх світлофорів")) as answer:
        assert answer.status_code == 200


def test_whatever_watches_the_process_needs_no_passphrase(log: SqlLog) -> None:
    assert a_client(log, "сім синіх світлофорів").get("/healthz").text == "ok\n"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8400"])
def test_a_name_of_the_wider_web_that_points_here_is_turned_away(
    client: FlaskClient, host: str
) -> None:
    assert client.get("/api/fleet", headers={"Host": host}).status_code == 400
    assert client.get("/api/fleet", headers={"Host": "127.0.0.1:8400"}).status_code == 200
