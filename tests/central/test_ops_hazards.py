"""Operations' page of hazards and alerts: seen, settled, turned into an alert that goes down."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central.store import alerts, letters
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire import cap
from sync.wire.kinds.alert import AlertAcknowledged, AlertArea, CentrePlaced, NewsPublished
from sync.wire.kinds.hazard import HazardReported, HazardSettled
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_hazards import call
from tests.central.test_hazards import config as config  # noqa: PLC0414  a fixture
from tests.central.test_hazards import running as running  # noqa: PLC0414
from tests.central.test_ops import a_client
from tests.central.test_ops_node import ASKED, PASSPHRASE

KEYS = new_keys(1)
REPORT = HazardReported("ap_mine", 5_045_000, 3_052_000, 10, "За мостом", 12, False)


@pytest.fixture
def log(database: Database) -> SqlLog:
    return SqlLog(database)


@pytest.fixture
def talker(log: SqlLog) -> Talker:
    found = Talker(KEYS)
    found.write(REPORT)
    found.talk(an_intake(log, KEYS))
    return found


@pytest.fixture
def staff(log: SqlLog, talker: Talker) -> FlaskClient:
    return a_client(log, PASSPHRASE)


def page(staff: FlaskClient) -> str:
    return staff.get("/hazards?lang=en", headers=ASKED).text


def press(staff: FlaskClient, path: str, **fields: str) -> TestResponse:
    found = re.search(r'name="token" value="(\w+)"', page(staff))
    assert found is not None
    return staff.post(f"{path}?lang=en", data={"token": found[1]} | fields, headers=ASKED)


def the_path(staff: FlaskClient) -> str:
    found = re.search(r'action="(/hazards/[0-9a-f]+)\?', page(staff))
    assert found is not None
    return found[1]


def sent(database: Database, node_id: str = NODE) -> list[letters.Sent]:
    with database.reading() as connection:
        return letters.newest(connection, node_id, 9)


def test_a_hazard_is_shown_and_settled_and_its_node_is_told(
    staff: FlaskClient, database: Database
) -> None:
    assert "Anti-personnel mine · open" in page(staff)
    assert "За мостом" in page(staff)
    assert press(staff, the_path(staff), what="handed_over").status_code == 303
    assert "Anti-personnel mine · with the deminers" in page(staff)
    assert [one.kind for one in sent(database)] == [HazardSettled.kind]
    assert press(staff, the_path(staff), what="teapot").status_code == 400


def test_one_press_makes_an_alert_of_a_hazard_and_one_more_ends_it(
    staff: FlaskClient, database: Database
) -> None:
    assert press(staff, the_path(staff), what="alert").status_code == 303
    with database.reading() as connection:
        [given] = alerts.newest(connection)
    assert {text.language for text in given.alert.texts} == set(cap.LANGUAGES)
    assert given.alert.area.circle == (5_045_000, 3_052_000, 510)
    answer = staff.get(f"/alerts/{given.alert.identifier}.xml", headers=ASKED)
    assert (answer.mimetype, answer.data) == (cap.MEDIA_TYPE, cap.to_xml(given.alert))
    assert len(sent(database)) == 1
    path = f"/alerts/{given.alert.identifier}"
    assert press(staff, path).status_code == 303
    assert len(sent(database)) == 2
    assert press(staff, path).status_code == 409, "it has ended already"
    assert "holds no more" in page(staff)


def test_an_alert_from_the_form_is_complete_or_nothing_is_sent(
    staff: FlaskClient, database: Database
) -> None:
    said = {"event": "Обстріл", "headline": "В укриття", "area": "Місто"}
    for wrong in (
        {"headline": ""},
        {"circle": "50,30"},
        {"circle": "95,30,1"},
        {"circle": "x,y,z"},
    ):
        answer = press(staff, "/alerts", **said | wrong)
        assert answer.status_code == 400, wrong
        assert "Обстріл" in answer.text
    assert sent(database) == []
    assert press(staff, "/alerts", **said, circle="50.45,30.52,3").status_code == 303
    assert len(sent(database)) == 1


def test_without_a_passphrase_or_a_token_nothing_is_said(log: SqlLog, staff: FlaskClient) -> None:
    path = the_path(staff)
    assert staff.post(path, data={"what": "closed"}, headers=ASKED).status_code == 403
    assert staff.post("/alerts", headers=ASKED).status_code == 403
    assert a_client(log).post(path, data={"what": "closed"}).status_code == 404


def test_operations_see_which_centres_have_seen_it(
    staff: FlaskClient, log: SqlLog, talker: Talker, database: Database
) -> None:
    press(staff, the_path(staff), what="alert")
    with database.reading() as connection:
        [given] = alerts.newest(connection)
    seen = AlertAcknowledged(given.alert.identifier, "Олена")
    talker.write(seen, seen)
    talker.talk(an_intake(log, KEYS))
    assert f"seen by: {NODE} (Олена)" in page(staff)


def places(log: SqlLog, talker: Talker, lat_e5: int, katottg: str = "") -> None:
    talker.write(CentrePlaced(lat_e5, 3_052_000, katottg))
    talker.talk(an_intake(log, KEYS))


@pytest.mark.parametrize(
    ("lat_e5", "nodes"),
    [(5_045_000, [NODE, "other"]), (5_071_000, [NODE, "other"]), (5_074_000, ["other"])],
)
def test_an_alert_goes_to_centres_around_and_to_those_of_unknown_place(
    log: SqlLog, talker: Talker, database: Database, lat_e5: int, nodes: Iterable[str]
) -> None:
    places(log, talker, lat_e5)
    circle = AlertArea("Берег", (5_045_000, 3_052_000, 1_000))
    corners = (5_044_000, 3_051_000, 5_046_000, 3_051_000, 5_046_000, 3_053_000)
    with database.reading() as connection:
        for area in (circle, AlertArea("Берег", (), corners)):
            assert alerts.around(connection, [NODE, "other"], area) == nodes
        assert alerts.around(connection, [NODE], AlertArea("Країна")) == [NODE]


def test_news_go_to_their_region(log: SqlLog, talker: Talker, database: Database) -> None:
    places(log, talker, 5_045_000, "UA80000000000093317")
    with database.writing() as connection:
        for region, count in (("UA80", 2), ("UA63", 1), ("", 2)):
            news = NewsPublished("Хліб", "О 9.", "Олена", 1, region)
            assert alerts.publish(connection, news, [NODE, "other"], 5) == count


def test_the_shell_gives_alerts_and_news_out(running: Path) -> None:
    said = ("--event", "Міна", "--headline", "Не ходіть", "--area", "Берег")
    first = call(running, "alert", *said, "--circle", "50.45,30.52,2")
    assert "goes to 1 centres" in first.output, first.output
    name = first.output.split()[0]
    assert call(running, "alert", *said, "--cancel", name).exit_code == 0
    again = call(running, "alert", *said, "--update", name)
    assert (again.exit_code, "is not an alert that holds now" in again.output) == (1, True)
    assert call(running, "alert", *said, "--circle", "50.45").exit_code == 2
    assert "1 centres" in call(running, "news", "--title", "Хліб", "--text", "О 9.").output
