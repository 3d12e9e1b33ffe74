"""Home: the link in words, the lanes in numbers, the machine, and the same for other programs."""

from pathlib import Path

import pytest

from localservices.facts import HostFacts, LinkFacts
from localservices.status import service
from localservices.status.service import LaneView
from sync.wire.lanes import Lane
from tests.builders import NOON_MS, Surroundings, a_browser, a_form

GIB = 1024**3


def a_lane(written: int = 5, held: int = 5) -> LaneView:
    return LaneView(Lane.PEOPLE, written, held, 0, written - held, 0, 0)


def test_a_link_that_is_down_is_told_with_its_age_and_what_to_do(tmp_path: Path) -> None:
    around = Surroundings(link=LinkFacts(False, NOON_MS - 7_200_000, NOON_MS - 7_260_000))
    home = a_browser(tmp_path, around).get("/").text
    assert "There is no link to central" in home
    assert "Since 2026-11-23 10:00:00 (2 hr. ago)." in home
    assert "Go on working" in home
    assert "Last word from central: 2026-11-23 09:59:00" in home


def test_a_link_that_was_never_up_claims_no_date(tmp_path: Path) -> None:
    home = a_browser(tmp_path).get("/").text
    assert "Since the node was started." in home
    assert "Central has not answered since the node was started." in home


def test_each_trouble_is_explained_and_an_unknown_one_is_told_all_the_same(tmp_path: Path) -> None:
    around = Surroundings(link=LinkFacts(True, 0, 0, ("refused", "brand_new")))
    home = a_browser(tmp_path, around).get("/").text
    assert "Central does not accept this node" in home
    assert "“brand_new”" in home


def test_the_machine_is_shown_and_what_it_did_not_say_is_not_made_up(tmp_path: Path) -> None:
    around = Surroundings(host=HostFacts(NOON_MS, 2 * GIB, 64 * GIB, None, None, None, 7))
    home = a_browser(tmp_path, around).get("/").text
    assert "2.0 of 64.0 GB free" in home
    assert "not known" in home
    assert "7 %" in home
    assert "The node&#39;s disk has little room." in home


@pytest.mark.parametrize(
    ("lane", "up", "summary"),
    [
        (a_lane(0, 0), False, "nothing_yet"),
        (a_lane(5, 5), False, "all_held"),
        (a_lane(5, 4), True, "sending"),
        (a_lane(5, 4), False, "kept_here"),
    ],
)
def test_the_summary_says_all_held_of_nothing_less(lane: LaneView, up: bool, summary: str) -> None:
    assert service.summary(LinkFacts(up, None, None), [lane]) == summary


def test_home_is_in_ukrainian_for_whoever_asks_for_no_other_language(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    assert "Стан вузла" in browser.client.get("/").text
    assert "Стан вузла" in browser.client.get("/", headers={"Accept-Language": "fr"}).text
    assert "The node" in browser.client.get("/", headers={"Accept-Language": "en-GB"}).text
    assert "The node" in browser.client.get("/?lang=en").text
    assert "The node" in browser.client.get("/").text


def test_other_programs_read_the_counts_and_nothing_of_people(tmp_path: Path) -> None:
    around = Surroundings(link=LinkFacts(True, NOON_MS, None, road="https"))
    browser = a_browser(tmp_path, around)
    browser.register(a_form())
    somebody_else = {"surname-0": "Бондар", "given_name-0": "Ігор", "phone": "", "document-0": ""}
    browser.register(a_form() | somebody_else)
    answer = browser.get("/api/status")
    assert answer.json is not None
    assert answer.json["lanes"]["people"] == {
        "written": 2,
        "held": 0,
        "backed_up": 0,
        "waiting": 2,
        "sent": 0,
        "bytes_left": 0,
    }
    assert answer.json["lanes"].keys() == {"urgent", "people", "work", "media"}
    assert answer.json["link"] == {
        "up": True,
        "since_ms": NOON_MS,
        "last_ack_ms": None,
        "troubles": [],
        "road": "https",
    }
    assert answer.json["unlocked"] is True
    assert "Шевченко" not in answer.text


def test_other_programs_without_a_session_are_told_so_in_json(tmp_path: Path) -> None:
    answer = a_browser(tmp_path).app.test_client().get("/api/status")
    assert answer.status_code == 401
    assert answer.json == {"error": "sign in first"}
