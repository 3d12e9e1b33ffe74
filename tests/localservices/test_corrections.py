"""Correcting a household on its page: what was said before stays readable, and nothing is lost."""

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from provisioning.demo import pages
from sync.merge import clock
from sync.store.inbox import Inbox
from sync.wire import entries
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.household import HouseholdEdited, HouseholdShared
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import Record, to_body
from tests.builders import Browser, a_browser, a_form, a_household

CENTRAL = Stream(b"central1", Lane.PEOPLE)
ELSEWHERE = b"epoch-of"


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return a_browser(tmp_path)


def registered(browser: Browser) -> str:
    return browser.register(a_form()).headers["Location"].split("?")[0]


def submit(browser: Browser, page: str, action: str, **changes: str) -> TestResponse:
    [form, *_] = [one for one in pages.forms(browser.get(page).text) if one.action == action]
    return browser.post(action, form.fields | {n.replace("__", "-"): v for n, v in changes.items()})


def correct(browser: Browser, where: str, **changes: str) -> TestResponse:
    return submit(browser, f"{where}/correct", f"{where}/correct", **changes)


def form_of(page: str) -> pages.Form:
    [form] = [one for one in pages.forms(page) if one.action.endswith("/correct")]
    return form


def came_down(browser: Browser, *records: Record) -> None:
    inbox: Inbox = browser.office.inbox
    first = inbox.mark(CENTRAL).seq + 1
    canonical = [entries.encode(Entry(one.kind, Stamp(1), to_body(one))) for one in records]
    inbox.keep(CENTRAL, first, canonical, set(), 1)


def edited_elsewhere(where: str, field: str, new: str, at_ms: int = 1) -> HouseholdEdited:
    stamp = clock.stamp_after([], at_ms, ELSEWHERE)
    about = where.rsplit("/", 1)[-1]
    return HouseholdEdited(about, field, "", new, stamp, "Ігор", written_at="node-7")


def written(browser: Browser) -> int:
    return browser.office.store.depths()[Lane.PEOPLE].written


def test_only_what_was_changed_becomes_a_record(browser: Browser) -> None:
    where = registered(browser)
    assert correct(browser, where).status_code == 303
    assert written(browser) == 1
    answer = correct(browser, where, shelter="Стрий", phone="067 123 45 67", reason="moved")
    assert answer.status_code == 303
    assert written(browser) == 3
    page = browser.get(where).text
    for said in ("Стрий", "+380671234567", "+380501234567", "moved", "Changes: 2"):
        assert said in page


def test_the_form_shows_days_as_it_asks_for_them(browser: Browser) -> None:
    form = a_form() | {"displaced_on": "2026-03-04"}
    where = browser.register(form).headers["Location"].split("?")[0]
    assert form_of(browser.get(f"{where}/correct").text).fields["displaced_on"] == "04.03.2026"
    before = written(browser)
    correct(browser, where)
    assert written(browser) == before


def test_what_is_wrong_is_said_and_all_that_was_typed_stays(browser: Browser) -> None:
    where = registered(browser)
    answer = correct(browser, where, phone="12", shelter="Стрий")
    assert answer.status_code == 422
    assert "Стрий" in answer.text
    assert written(browser) == 1


def test_a_person_comes_and_goes_without_moving_the_others(browser: Browser) -> None:
    where = registered(browser)
    people = f"{where}/people"
    form = form_of(browser.get(f"{where}/correct").text)
    more = browser.post(people, form.fields | {"action": "add"}).text
    form = form_of(more)
    names = {name.rpartition("-")[2] for name in form.fields if name.startswith("surname-")}
    [index] = names - {"0"}
    fields = form.fields | {f"surname-{index}": "Шевченко", f"given_name-{index}": "Тарас"}
    assert browser.post(f"{where}/correct", fields).status_code == 303
    assert "Шевченко Тарас" in browser.get(where).text
    form = form_of(browser.get(f"{where}/correct").text)
    fewer = browser.post(people, form.fields | {"action": f"remove-{index}"}).text
    form = form_of(fewer)
    assert browser.post(f"{where}/correct", form.fields).status_code == 303
    assert "<h3>Шевченко Тарас</h3>" not in browser.get(where).text
    assert "Шевченко Марія" in browser.get(where).text


def test_two_who_had_the_form_open_at_once_collide_and_neither_is_lost(browser: Browser) -> None:
    where = registered(browser)
    form = form_of(browser.get(f"{where}/correct").text)
    for shelter, form_id in (("Стрий", "1" * 32), ("Самбір", "2" * 32)):
        fields = form.fields | {"shelter": shelter, "form_id": form_id}
        assert browser.post(f"{where}/correct", fields).status_code == 303
    page = browser.get(where).text
    assert 'id="collisions"' in page
    assert "Стрий" in page
    assert submit(browser, where, f"{where}/settle", text="Стрий").status_code == 303
    assert 'id="collisions"' not in browser.get(where).text


def test_an_edit_from_another_node_is_shown_with_its_node(browser: Browser) -> None:
    where = registered(browser)
    came_down(browser, edited_elsewhere(where, "shelter", "Стрий"))
    page = browser.get(where).text
    assert "<dd>Стрий</dd>" in page
    assert "node-7" in page


def test_a_removal_that_overlooked_an_edit_is_shown_to_a_human(browser: Browser) -> None:
    where = registered(browser)
    submit(browser, where, f"{where}/remove", reason="twice")
    assert "twice" in browser.get(where).text
    assert where not in browser.get("/households").text
    came_down(browser, edited_elsewhere(where, "shelter", "Стрий"))
    assert 'id="collisions"' in browser.get(where).text
    submit(browser, where, f"{where}/back")
    assert where in browser.get("/households").text
    assert 'id="collisions"' not in browser.get(where).text


def test_a_household_of_another_node_is_found_shown_and_forgotten(browser: Browser) -> None:
    about = "node-7-0a1b2c-1-5"
    edit = edited_elsewhere(f"/{about}", "phone", "+380990000000")
    came_down(browser, HouseholdShared(about, a_household(), 1, (edit,)))
    page = browser.get(f"/households/{about}").text
    assert "+380990000000" in page
    assert "node-7" in page
    assert about in browser.get("/households").text
    browser.office.working.forget({CENTRAL: 1})
    assert browser.get(f"/households/{about}").status_code == 404
