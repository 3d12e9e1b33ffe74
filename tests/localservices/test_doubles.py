"""One household is not registered twice unawares, and staff always have the last word."""

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from provisioning.demo import pages
from sync.store.inbox import Inbox
from sync.wire import entries
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.doubles import HouseholdCompared
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import to_body
from tests.builders import Browser, a_browser, a_form, hidden

AGAIN = {"surname-0": "Shevchenko", "given_name-0": "Mariya", "patronymic-0": "", "phone": ""}


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return a_browser(tmp_path)


def number_of(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].split("?")[0].rsplit("/", 1)[-1]


def written(browser: Browser) -> int:
    return browser.office.store.depths()[Lane.PEOPLE].written


def asked(browser: Browser) -> tuple[str, TestResponse, dict[str, str]]:
    """A household that is here, the question about its double, and what the form then holds."""
    first = number_of(browser.register(a_form()))
    page = browser.register(a_form() | AGAIN, answers=False)
    [form] = [one for one in pages.forms(page.text) if one.action == "/households"]
    ids = {"doubles": hidden(page, "doubles"), "form_id": hidden(page, "form_id")}
    return first, page, a_form() | AGAIN | form.fields | ids


def test_a_double_is_shown_side_by_side_before_anything_is_saved(browser: Browser) -> None:
    first, page, fields = asked(browser)
    assert page.status_code == 409
    assert written(browser) == 1
    assert fields["doubles"] == first
    assert "Shevchenko Mariya" in page.text
    assert "Шевченко Марія Іванівна" in page.text
    assert "the same name" in page.text
    assert "agrees or is alike" in page.text
    assert fields["surname-0"] == "Shevchenko"  # nothing that was typed is lost


def test_the_same_household_is_opened_and_not_registered_twice(browser: Browser) -> None:
    first, _, fields = asked(browser)
    answer = browser.post(f"/households/{first}/same", fields)
    assert answer.headers["Location"] == f"/households/{first}/correct"
    assert "Came again" in browser.get(f"/households/{first}").text
    browser.post(f"/households/{first}/same", fields)  # a resend
    assert written(browser) == 2  # the registration, and that it came again


def test_not_the_same_registers_and_is_not_asked_again(browser: Browser) -> None:
    first, _, fields = asked(browser)
    second = number_of(browser.post("/households", fields | {"double": "different"}))
    page = browser.get(f"/households/{second}").text
    assert "Not the same as" in page
    assert first in page
    assert 'id="doubles"' not in page
    assert 'id="doubles"' not in browser.get(f"/households/{first}").text


def test_asking_central_registers_and_says_so_on_both_pages(browser: Browser) -> None:
    first, _, fields = asked(browser)
    second = number_of(browser.post("/households", fields | {"double": "ask"}))
    for number in (first, second):
        assert "Central is asked" in browser.get(f"/households/{number}").text
    assert written(browser) == 3


def test_centrals_answer_stands_on_the_households_page(browser: Browser) -> None:
    first, _, fields = asked(browser)
    second = number_of(browser.post("/households", fields | {"double": "ask"}))
    record = HouseholdCompared(second, "same", "Ірина", other=first)
    inbox: Inbox = browser.office.inbox
    entry = entries.encode(Entry(record.kind, Stamp(1), to_body(record)))
    inbox.keep(Stream(b"central1", Lane.PEOPLE), 1, [entry], set(), 1)
    page = browser.get(f"/households/{second}").text
    assert "The same household as" in page
    assert "Ірина" in page


def test_an_answer_for_one_household_hides_no_other(browser: Browser) -> None:
    _, _, fields = asked(browser)
    told = browser.post("/households", fields | {"double": "different", "doubles": "elsewhere"})
    assert told.status_code == 409


def test_a_form_that_is_sent_twice_is_not_its_own_double(browser: Browser) -> None:
    page = browser.get("/households/new")
    form_id = {"form_id": hidden(page, "form_id")}
    first = browser.post("/households", a_form() | form_id)
    again = browser.post("/households", a_form() | form_id)
    assert number_of(first) == number_of(again)
    assert written(browser) == 1


def test_a_locked_working_set_cannot_look_and_registration_still_works(browser: Browser) -> None:
    number_of(browser.register(a_form()))
    browser.office.working.lock()
    number_of(browser.register(a_form() | AGAIN, answers=False))
    assert written(browser) == 2


def test_a_household_that_was_taken_out_is_nobodys_double(browser: Browser) -> None:
    first = number_of(browser.register(a_form()))
    [form] = [
        one
        for one in pages.forms(browser.get(f"/households/{first}").text)
        if one.action.endswith("/remove")
    ]
    browser.post(form.action, form.fields)
    number_of(browser.register(a_form() | AGAIN, answers=False))


def test_while_typing_a_hint_names_whom_the_node_knows(browser: Browser) -> None:
    first = number_of(browser.register(a_form()))
    hint = browser.post(
        "/api/households/doubles",
        {"surname-0": "шевченко", "given_name-0": "мария", "born_on-0": "24.08.1991"},
    )
    assert first in hint.get_data(as_text=True)
    nothing = browser.post("/api/households/doubles", {"surname-0": "<b>", "born_on-0": "35.14"})
    assert nothing.json == {"found": ""}


def test_the_hint_is_for_nobody_without_a_session(browser: Browser) -> None:
    assert browser.app.test_client().post("/api/households/doubles").status_code in (400, 401)
