"""Alerts and news at a centre: for everybody, with their age, also after a restart."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from localservices.facts import LinkFacts
from sync.wire import cap, entries
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.alert import (
    AlertAcknowledged,
    AlertArea,
    AlertIssued,
    AlertText,
    NewsPublished,
)
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import Record, from_body, to_body
from tests.builders import NOON_MS, STAFF_NAME, Browser, Surroundings, a_form, an_office

NOON_S = NOON_MS // 1000
HOUR_MS, HOUR_S = 3_600_000, 3_600
TEXTS = (
    AlertText("uk", "Міна", "Не ходіть до річки"),
    AlertText("en", "Mine", "Keep away from the river", instruction="Call 101"),
)
AREA = AlertArea("Берег", (5_045_000, 3_052_000, 2_000))
ALERT = AlertIssued(
    "c.1", "nezlam.central", NOON_S - HOUR_S, NOON_S + 10 * HOUR_S, "Alert", TEXTS, AREA
)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def browser(tmp_path: Path, around: Surroundings) -> Browser:
    office = replace(an_office(tmp_path, around), board=tmp_path / "board.cbor")
    return Browser(office).set_up()


def comes(browser: Browser, *said: Record) -> None:
    """Central's words, each a lane further."""
    inbox = browser.office.inbox
    for record in said:
        stream = Stream(b"central1", record.lane)
        entry = entries.encode(Entry(record.kind, Stamp(NOON_MS), to_body(record)))
        inbox.keep(stream, inbox.mark(stream).seq + 1, [entry], set(), browser.office.now_ms())


def stranger(browser: Browser) -> Browser:
    """Anybody on the centre's Wi-Fi."""
    return Browser(browser.office)


def test_anybody_reads_an_alert_with_its_age_and_central_s(
    browser: Browser, around: Surroundings
) -> None:
    comes(browser, ALERT)
    around.wait(2 * HOUR_MS)
    around.link = LinkFacts(False, None, around.now_ms - HOUR_MS)
    page = stranger(browser).get("/news").text
    for said in ("Keep away from the river", "Call 101", "said this 3 hr. ago", "heard 1 hr. ago"):
        assert said in page
    assert "it reached this node 2 hr. ago" in page
    assert "Seen, staff are told" not in page
    assert "Не ходіть до річки" in Browser(browser.office, "uk").get("/news").text
    assert stranger(browser).get("/notices").status_code == 303, "answers are for staff"


def test_an_alert_stands_above_every_page_until_it_ends(
    browser: Browser, around: Surroundings
) -> None:
    comes(browser, ALERT)
    for path in ("/", "/households/new", "/sign-in"):
        assert "Keep away from the river" in browser.get(path).text, path
    around.wait(10 * HOUR_MS)
    assert "Keep away" not in stranger(browser).get("/sign-in").text
    assert "No alert holds now" in stranger(browser).get("/news").text


def test_an_update_takes_its_place_and_a_cancel_ends_it(browser: Browser) -> None:
    text = AlertText("en", "Mine", "The bank is mined too")
    update = replace(
        ALERT,
        identifier="c.2",
        sent_s=NOON_S,
        msg_type="Update",
        texts=(text,),
        references="c.1",
        references_sent_s=ALERT.sent_s,
    )
    comes(browser, update, ALERT)  # in the wrong order
    page = browser.get("/news").text
    assert "The bank is mined too" in page
    assert "Keep away from the river" not in page
    comes(browser, replace(update, identifier="c.3", msg_type="Cancel", references="c.2"))
    assert "No alert holds now" in browser.get("/news").text


def test_what_stood_on_the_board_stands_there_after_a_restart(
    browser: Browser, tmp_path: Path, around: Surroundings
) -> None:
    comes(browser, ALERT, NewsPublished("Хліб", "У п'ятницю о 9.", "Олена", NOON_S))
    browser.get("/news")
    restarted = replace(an_office(tmp_path, around), board=tmp_path / "board.cbor")
    page = Browser(restarted).get("/news").text
    assert "Keep away from the river" in page
    assert "У п&#39;ятницю о 9." in page


def test_a_spoiled_board_is_an_empty_one_and_fills_again(
    browser: Browser, tmp_path: Path, around: Surroundings
) -> None:
    browser.register(a_form())  # with it the key of this start is kept for staff
    comes(browser, ALERT)
    browser.get("/news")
    (tmp_path / "board.cbor").write_bytes(b"\xff\x00 spoiled")
    restarted = replace(an_office(tmp_path, around), board=tmp_path / "board.cbor")
    again = Browser(restarted)
    assert "No alert holds now" in again.get("/news").text
    assert again.sign_in().status_code == 303
    assert "Keep away from the river" in again.get("/news").text


def test_staff_say_that_they_have_seen_it_and_central_is_told_once(browser: Browser) -> None:
    comes(browser, ALERT)
    for _ in range(2):
        assert browser.post("/news/alerts/c.1", {}, seen_at="/news").status_code == 303
    store = browser.office.store
    [row] = store.rows_in_order(0, 9)
    data = store.open_row(row)
    assert data is not None
    entry = entries.decode(data)
    assert from_body(entry.kind, entry.body) == AlertAcknowledged("c.1", STAFF_NAME)
    assert row.stream.lane is Lane.WORK
    assert browser.post("/news/alerts/other", {}, seen_at="/news").status_code == 404
    assert stranger(browser).post("/news/alerts/c.1", {}).status_code in (302, 303)
    assert store.depths()[Lane.WORK].written == 1


def test_an_alert_leaves_as_cap(browser: Browser) -> None:
    comes(browser, ALERT)
    answer = stranger(browser).get("/news/alerts/c.1.xml")
    assert answer.mimetype == cap.MEDIA_TYPE
    assert answer.data == cap.to_xml(ALERT)
    assert ET.fromstring(answer.data).tag == f"{{{cap.NAMESPACE}}}alert"
    assert stranger(browser).get("/news/alerts/none.xml").status_code == 404


def test_an_alert_that_is_none_is_not_shown_and_stops_nothing(browser: Browser) -> None:
    comes(browser, replace(ALERT, texts=()), replace(ALERT, identifier="c.9"))
    page = browser.get("/news")
    assert page.status_code == 200
    assert page.text.count("data-alert=") == 1
