"""A person finds the service they came for, sees what became of it, and leaves with a receipt."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from localservices.applications import service
from localservices.applications.pages import create_pages
from localservices.applications.service import Filing
from localservices.applications.shelf import Shelf
from localservices.desk import Desk
from sync.wire.edocument import Mandate
from tests.builders import Browser, an_office, counted
from tests.localservices.applications.centre import a_submission, on_shelf, open_to_all
from tests.sync.wire.test_services import a_service

MANDATE = Mandate(Ed25519PrivateKey.generate(), b"\x84" * 200)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    offered = on_shelf(tmp_path / "shelf", open_to_all(), a_service(id="pension", version="1"))
    office = an_office(tmp_path)
    pages = (*office.pages, create_pages(Shelf(lambda: offered)))
    return Browser(replace(office, mandate=MANDATE, pages=pages)).set_up()


def filed(browser: Browser) -> str:
    office = browser.office
    desk = Desk(office.store, office.working, "Олена", office.now_ms, counted())
    _, receipt = service.file(desk, Filing(open_to_all(), "uuid:1", a_submission()))
    return receipt.public_id


def test_services_are_listed_and_found_by_a_word(browser: Browser) -> None:
    assert browser.get("/services").text.count('href="/services/') == 2
    assert "There is no such service here" in browser.get("/services?q=submarine").text
    page = browser.get("/services/pension").text
    assert "Whoever has shown a valid document" in page
    assert browser.get("/services/nothing").status_code == 404


def test_an_application_shows_its_way_and_its_answers(browser: Browser) -> None:
    page = browser.get(f"/applications/{filed(browser)}").text
    assert 'data-stage="saved"' in page
    assert "Saved on this node" in page
    assert "Not decided yet." in page
    assert "Ткаченко" in page


def test_the_receipt_is_the_same_each_time_it_is_printed(browser: Browser) -> None:
    where = f"/applications/{filed(browser)}/receipt"
    codes = [re.findall(r'data-text="(.+?)"', browser.get(where).text) for _ in range(2)]
    assert codes[0] == codes[1]
    assert codes[0][0].startswith("NZ1:")


def test_applications_are_found_by_whoever_may_read(browser: Browser) -> None:
    number = filed(browser)
    assert number in browser.get("/applications").text
    assert number in browser.post("/applications/search", {"q": "ткаченко"}, "/applications").text
    browser.office.working.lock()
    locked = browser.get("/applications").text
    assert "Reading is locked." in locked
    assert number not in locked
    assert "Ткаченко" not in browser.get(f"/applications/{number}").text
