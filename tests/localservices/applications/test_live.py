"""With scripts a form answers while it is filled in, and each of its pages is usable by all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from central.services import making
from edge.web import WebServer
from localservices.applications.pages import create_pages
from localservices.applications.shelf import Shelf
from tests.builders import PASSPHRASE, STAFF_NAME, Browser, an_office
from tests.daemons import require
from tests.localservices.applications.centre import on_shelf
from tests.localservices.applications.test_filling import APPLICANT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A telephone at the form for cash assistance; a word in its console fails the test."""
    folder = next(one for one in making.shipped() if one.name == "cash-assistance")
    offered = on_shelf(tmp_path / "shelf", making.of_folder(folder))
    office = an_office(tmp_path)
    pages = (*office.pages, create_pages(Shelf(lambda: offered)))
    server = WebServer(Browser(replace(office, pages=pages)).set_up().app, "127.0.0.1", 0)
    server.start()
    said: list[str] = []
    with sync_playwright() as playwright:
        telephone = playwright.chromium.launch(
            executable_path=require("chromium"), args=["--no-sandbox"]
        )
        page = telephone.new_page(viewport={"width": 390, "height": 844}, locale="uk-UA")
        page.on("console", lambda message: said.append(message.text))
        page.goto(server.address)
        page.fill("#name", STAFF_NAME)
        page.fill("#passphrase", PASSPHRASE)
        page.click("main button")
        page.goto(f"{server.address}services/cash-assistance/fill")
        yield page
        telephone.close()
    server.stop()
    assert [one for one in said if "422" not in one] == []


def to_the_second_page(page: Page) -> None:
    for name, text in APPLICANT.items():
        page.fill(f"[name='{name}']", text)
    page.click("button.act")
    expect(page.locator("h1")).to_have_text("Переміщення")


def test_a_question_comes_up_as_soon_as_it_is_relevant(page: Page) -> None:
    if not page.evaluate("typeof htmx !== 'undefined'"):
        pytest.skip("the pages' assets are not installed: make install")
    to_the_second_page(page)
    assert page.locator("[value=UA6304]").count() == 0
    page.check("[value=UA63]")
    expect(page.locator("[value=UA6304]")).to_be_visible()
    page.check("[value=UA6304]")
    field = "[name='/data/displacement/origin_settlement']"
    page.fill(field, "Ізюм")
    page.press(field, "Tab")
    page.check("[value=UA14]")
    expect(page.locator("[value=UA1414]")).to_be_visible()
    assert page.input_value(field) == "Ізюм", "what was typed meanwhile is still there"


def test_every_page_of_a_form_is_usable_by_all(page: Page) -> None:
    found = [*_broken(page)]
    page.click("button.act")  # with nothing in it: the page of what is wrong
    found += _broken(page)
    to_the_second_page(page)
    found += _broken(page)
    assert found == []


def _broken(page: Page) -> list[str]:
    said = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{rule['id']}: {node['html'][:100]}"
        for rule in said.response["violations"]
        for node in rule["nodes"]
    ]
