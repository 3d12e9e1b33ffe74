"""A person fills in a service's form page by page, without a script, and files it once."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from central.services import making
from localservices.applications.pages import create_pages
from localservices.applications.shelf import Shelf
from sync.wire.edocument import Mandate
from sync.wire.kinds.document import DocumentChecked
from sync.wire.services import Service
from tests.builders import Browser, an_office
from tests.localservices.applications.centre import on_shelf

ENGLISH = {"Accept-Language": "en"}
MANDATE = Mandate(Ed25519PrivateKey.generate(), b"\x84" * 200)
APPLICANT = {
    "/data/applicant/surname": "Ткаченко",
    "/data/applicant/given_name": "Оксана",
    "/data/applicant/born_on": "24.08.1991",
    "/data/applicant/phone": "050 123 45 67",
}
DISPLACEMENT = {
    "/data/displacement/origin_oblast": "UA63",
    "/data/displacement/origin_raion": "UA6304",
    "/data/displacement/origin_settlement": "Ізюм",
    "/data/displacement/displaced_on": "05.03.2026",
    "/data/displacement/current_settlement": "Полтава",
    "/data/displacement/current_street": "Шкільна, 7",
}


class Sheet:
    """A form in a browser: what a page holds is sent back with what is typed on it."""

    def __init__(self, browser: Browser, name: str) -> None:
        self._browser, self.where = browser, f"/services/{name}/fill"
        self.page = browser.get(self.where)

    @property
    def text(self) -> str:
        return html.unescape(self.page.text)

    def send(self, typed: Mapping[str, str | list[str]], action: str = "next") -> TestResponse:
        hidden = re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', self.page.text, re.DOTALL)
        fields = MultiDict([(key, html.unescape(value)) for key, value in hidden])
        for key, value in typed.items():
            fields.setlist(key, value if isinstance(value, list) else [value])
        fields["action"] = action
        self.sent = fields
        self.page = self._browser.client.post(self.where, data=fields, headers=ENGLISH)
        return self.page


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return {folder.name: making.of_folder(folder) for folder in making.shipped()}


@pytest.fixture
def browser(tmp_path: Path, services: dict[str, Service]) -> Browser:
    offered = on_shelf(tmp_path / "shelf", *services.values())
    office = an_office(tmp_path)
    pages = (*office.pages, create_pages(Shelf(lambda: offered)))
    return Browser(replace(office, mandate=MANDATE, pages=pages)).set_up()


def filed_cash(browser: Browser) -> Sheet:
    sheet = Sheet(browser, "cash-assistance")
    sheet.send(APPLICANT)
    sheet.send(DISPLACEMENT)
    sheet.send({"/data/family/others": "1", "/data/family/applicant_disability": "no"})
    sheet.send(
        {
            "/data/member[1]/member_name": "Ткаченко Петро",
            "/data/member[1]/member_born_on": "01.02.2018",
            "/data/member[1]/member_relation": "child",
            "/data/member[1]/member_disability": "no",
        }
    )
    assert sheet.send({"/data/payment/method": "post"}).status_code == 200
    assert "Ukrposhta post code" in sheet.text, "it has just come up, and is no mistake"
    sheet.send({"/data/payment/method": "post", "/data/payment/post_code": "36000"})
    assert "5000 UAH a month" in sheet.text
    sheet.send({})
    sheet.send({"/data/confirmation/truthful": "OK"})
    assert "Check the answers" in sheet.text
    sheet.send({}, "file")
    return sheet


def test_a_whole_application_is_filed_and_says_what_was_answered(browser: Browser) -> None:
    sheet = filed_cash(browser)
    assert sheet.page.status_code == 303
    page = browser.get(sheet.page.headers["Location"])
    assert "Saved on this node" in page.text
    with browser.office.working.reading() as db:
        [(body,)] = db.conn.execute("SELECT body FROM applications").fetchall()
    assert b"<amount>5000</amount>" in body
    assert b"<iban" not in body, "what is not relevant is not filed"


def test_a_page_that_is_sent_twice_files_once(browser: Browser) -> None:
    sheet = filed_cash(browser)
    first = sheet.page.headers["Location"]
    again = browser.client.post(sheet.where, data=sheet.sent, headers=ENGLISH)
    assert again.headers["Location"].split("?")[0] == first
    assert "already" in again.headers["Location"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("born_on", "31.02.1991", "Write the day as 24.08.1991."),
        ("born_on", "24.08.2091", "The day cannot be in the future or before 1900."),
        ("phone", "telephone", "Write the number in digits"),
        ("tax_number", "12", "The number has ten digits."),
        ("surname", "  ", "Answer this."),
        ("surname", "x" * 30_000, "The answer is too long."),
    ],
)
def test_what_is_wrong_is_told_by_the_field_and_nothing_typed_is_lost(
    browser: Browser, field: str, typed: str, told: str
) -> None:
    sheet = Sheet(browser, "cash-assistance")
    answer = sheet.send(APPLICANT | {f"/data/applicant/{field}": typed})
    assert answer.status_code == 422
    assert told in sheet.text
    assert 'href="#q' in sheet.text
    assert 'value="Оксана"' in sheet.text
    if field in ("phone", "born_on"):
        assert f'value="{typed}"' in sheet.text


def test_a_name_in_any_script_is_taken(browser: Browser) -> None:
    sheet = Sheet(browser, "cash-assistance")
    sheet.send(APPLICANT | {"/data/applicant/surname": "عبد الله"})
    assert "Which oblast did you leave?" in sheet.text


def test_the_way_back_and_a_change_keep_all_answers(browser: Browser) -> None:
    sheet = Sheet(browser, "cash-assistance")
    sheet.send(APPLICANT)
    sheet.send(DISPLACEMENT, "back")
    assert 'value="24.08.1991"' in sheet.text
    sheet.send(APPLICANT | {"/data/applicant/surname": "Коваль"})
    assert 'value="Ізюм"' in sheet.text


def test_choices_follow_what_was_chosen_before(browser: Browser) -> None:
    sheet = Sheet(browser, "cash-assistance")
    sheet.send(APPLICANT)
    assert "Which raion?" not in sheet.text
    sheet.send({"/data/displacement/origin_oblast": "UA63"}, "live")
    assert "Izium" in sheet.text
    assert "Mariupol" not in sheet.text
    sheet.send(DISPLACEMENT | {"/data/displacement/origin_raion": "UA1414"})
    assert "Choose from what is offered." in sheet.text


def test_one_more_of_a_repeat_is_added_and_taken_away(browser: Browser) -> None:
    sheet = Sheet(browser, "residency-change")
    sheet.send(APPLICANT)
    sheet.send(
        {
            "/data/move/old_settlement": "Ізюм",
            "/data/move/old_street": "Миру, 1",
            "/data/move/new_settlement": "Полтава",
            "/data/move/new_street": "Шкільна, 7",
            "/data/move/moved_on": "05.03.2026",
            "/data/move/right": "own",
        }
    )
    assert "/data/child[1]/child_name" in sheet.text
    sheet.send({"/data/child[1]/child_name": "Петро"}, "add:/data/child")
    assert "/data/child[2]/child_name" in sheet.text
    sheet.send({}, "remove:/data/child[2]")
    assert "/data/child[2]/" not in sheet.text.replace('value="add', "")


def test_the_other_language_is_asked_for_in_the_middle(browser: Browser) -> None:
    sheet = Sheet(browser, "cash-assistance")
    sheet.where += "?lang=uk"
    sheet.send(APPLICANT, "live")
    assert "Прізвище" in sheet.text
    assert 'value="Ткаченко"' in sheet.text


def test_a_service_for_the_verified_wants_a_document_that_was_checked(browser: Browser) -> None:
    office = browser.office
    sheet = Sheet(browser, "residence-notice")
    for _ in range(8):
        if "Check the answers" in sheet.text:
            break
        sheet.send(_some_answer(sheet.text))
    sheet.send({}, "file")
    assert "check the applicant's document first" in sheet.text
    record = DocumentChecked("mdoc", "EE.passport", "valid", "", b"", "Олена")
    number = office.store.write(record).public_id
    sheet.send({"checked": number}, "file")
    assert sheet.page.status_code == 303


def _some_answer(text: str) -> dict[str, str]:
    given = {
        "personal_code": "38001085718",
        "child_code": "61505150006",
        "phone": "555 1234",
        "since": "01.02.2026",
        "county": "37",
        "municipality": "0784",
        "right": "own",
        "truthful": "OK",
    }
    asked = dict.fromkeys(re.findall(r' name="(/data/[^"]+)"', text))
    return {name: given.get(name.rpartition("/")[2], "Tamm") for name in asked}


def test_a_page_of_nonsense_is_refused_in_words(browser: Browser) -> None:
    sheet = Sheet(browser, "cash-assistance")
    token = {"csrf_token": re.findall(r'name="csrf_token" value="(.*?)"', sheet.page.text)[0]}
    for kept in ("", "<", "<other/>", "<!DOCTYPE d [<!ENTITY a 'b'>]><data>&a;</data>"):
        answer = browser.client.post(sheet.where, data=token | {"kept": kept}, headers=ENGLISH)
        assert answer.status_code == 400
        assert "Nothing was saved" in answer.text
    for action in ("add:/data/nobody", "remove:/data/applicant", "remove:/etc", "go:nowhere"):
        answer = sheet.send({}, action)
        assert answer.status_code in (200, 400)
        sheet = Sheet(browser, "cash-assistance")


def test_what_is_filed_reads_as_it_was_answered(browser: Browser) -> None:
    filed_cash(browser)
    with browser.office.working.reading() as db:
        found = db.conn.execute("SELECT sought FROM applications").fetchone()[0]
    assert "ткаченко" in found
