"""Certificates for registered people: written down before they are shown, and revoked by number."""

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from localservices.registration import certificate
from localservices.verification.picture import Readers
from provisioning.demo import pages
from sync.wire.edocument import CODE_CHARS_MAX, Mandate
from sync.wire.lanes import Lane
from tests.builders import Browser, a_browser, a_form, an_office

_CODE = re.compile(r'-text="(.+?)"')
MANDATE = Mandate(Ed25519PrivateKey.generate(), b"\x84" * 200)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(replace(an_office(tmp_path), mandate=MANDATE)).set_up()


def registered(browser: Browser) -> str:
    return browser.register(a_form()).headers["Location"].split("?")[0]


def issue_form(browser: Browser, where: str) -> pages.Form:
    found = pages.forms(browser.get(where).text)
    return next(one for one in found if one.action.endswith("/edocument"))


def issue(browser: Browser, where: str) -> tuple[str, str]:
    """(number, the code's text) of the head's certificate."""
    form = issue_form(browser, where)
    page = browser.post(form.action, form.fields).text
    number, text = (
        re.search(r"<strong>([a-z0-9-]+-2-\d+)<", page),
        re.search(r'-text="(.+?)"', page),
    )
    assert number is not None
    assert text is not None
    return number[1], text[1]


def written(browser: Browser, lane: Lane) -> int:
    return browser.office.store.depths()[lane].written


def test_a_certificate_is_written_down_and_fits_into_a_code(browser: Browser) -> None:
    number, text = issue(browser, registered(browser))
    assert written(browser, Lane.WORK) == 1
    assert number.endswith("-2-1")
    assert len(text) <= CODE_CHARS_MAX


def test_a_form_that_is_sent_twice_is_one_certificate(browser: Browser) -> None:
    where = registered(browser)
    form = issue_form(browser, where)
    first, second = (browser.post(form.action, form.fields).text for _ in range(2))
    assert _CODE.findall(first) == _CODE.findall(second)
    assert written(browser, Lane.WORK) == 1


def test_another_person_asked_for_under_the_same_form_has_another_number(browser: Browser) -> None:
    two = a_form(surname__1="Шевченко", given_name__1="Петро")
    where = browser.register(two).headers["Location"].split("?")[0]
    forms = [
        one for one in pages.forms(browser.get(where).text) if one.action.endswith("/edocument")
    ]
    for person in ("0", "1"):
        browser.post(forms[0].action, forms[0].fields | {"person": person})
    assert len(forms) == written(browser, Lane.WORK) == 2


@pytest.mark.parametrize("person", ["7", "-1", "x", ""])
def test_who_is_not_in_the_household_gets_none(person: str, browser: Browser) -> None:
    where = registered(browser)
    answer = browser.post(f"{where}/edocument", {"person": person}, seen_at=where)
    assert answer.status_code == 404
    assert written(browser, Lane.WORK) == 0


def test_a_node_that_was_not_entitled_offers_none(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    where = registered(browser)
    assert "/edocument" not in browser.get(where).text
    answer = browser.post(f"{where}/edocument", {"person": "0"}, seen_at=where)
    assert answer.status_code == 404


def test_a_revocation_names_a_certificate_and_says_why(browser: Browser) -> None:
    where = "/edocuments/revoke"

    def revoke(number: str, reason: str) -> str:
        [form] = [one for one in pages.forms(browser.get(where).text) if one.action == where]
        answer = browser.post(where, form.fields | {"number": number, "reason": reason})
        return (
            browser.get(answer.headers["Location"]).text
            if "Location" in answer.headers
            else answer.text
        )

    assert "No certificate has such a number" in revoke("twelve", "lost")
    assert "Say why it is revoked." in revoke("node-7-0a1b2c-2-5", " ")
    assert written(browser, Lane.URGENT) == 0
    assert "node-7-0a1b2c-2-5 is revoked" in revoke("node-7-0a1b2c-2-5", "lost")
    assert written(browser, Lane.URGENT) == 1


def test_the_pdf_carries_the_same_code_and_says_it_in_both_languages(browser: Browser) -> None:
    if not certificate.can_be_made():
        pytest.skip("the fonts of papers are not installed: make install")
    form = issue_form(browser, registered(browser))
    fields = form.fields | {"seen": "Закордонний паспорт FA123456"}
    page = browser.post(form.action, fields).text
    answer = browser.post(f"{form.action}.pdf", fields)
    assert answer.mimetype == "application/pdf"
    assert Readers(keeps_ready=False).texts(answer.data) == _CODE.findall(page)
    with pypdfium2.PdfDocument(answer.data) as document:
        assert len(document) == 1
        text = document[0].get_textpage().get_text_range()
    for said in (
        "Шевченко Марія Іванівна",
        "Закордонний паспорт FA123456",
        "24 серпня 1991",
        "August 24, 1991",
        "Valid until",
        "Дійсна до",
    ):
        assert said in text
    assert written(browser, Lane.WORK) == 1


def test_whoever_showed_nothing_has_a_paper_that_says_so(browser: Browser) -> None:
    form = issue_form(browser, registered(browser))
    page = browser.post(form.action, form.fields | {"seen": "  "}).text
    assert "none: all was only said" in page


def test_a_document_seen_in_the_meantime_makes_another_certificate(browser: Browser) -> None:
    """What was written down and what the paper says never differ."""
    form = issue_form(browser, registered(browser))
    for seen in ("", "Паспорт 001234567"):
        browser.post(form.action, form.fields | {"seen": seen})
    assert written(browser, Lane.WORK) == 2
