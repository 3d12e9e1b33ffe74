"""In a real browser: a press on the map means the place under it, with and without scripts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, sync_playwright

from edge.web import WebServer
from localservices.hazards import coordinates, pages
from localservices.hazards.drawing import View
from sync.wire import earth
from tests.builders import PASSPHRASE, STAFF_NAME, Browser, Surroundings, an_office
from tests.daemons import require
from tests.localservices.test_alerts import ALERT, comes
from tests.localservices.test_hazards import CENTRE, a_brief

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    office = an_office(tmp_path, Surroundings(), [pages.create_pages(CENTRE, a_brief)])
    browser = Browser(replace(office, board=tmp_path / "board.cbor")).set_up()
    comes(browser, ALERT)
    server = WebServer(browser.app, "127.0.0.1", 0)
    server.start()
    yield server.address.rstrip("/")
    server.stop()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, address: str) -> Iterator[Page]:
    """A telephone whose person has signed in; a word in its console fails the test."""
    said: list[str] = []
    with sync_playwright() as playwright:
        telephone = playwright.chromium.launch(
            executable_path=require("chromium"), args=["--no-sandbox"]
        )
        page = telephone.new_page(viewport=PHONE, locale="uk-UA", java_script_enabled=request.param)
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        page.fill("#name", STAFF_NAME)
        page.fill("#passphrase", PASSPHRASE)
        page.click("main button")
        page.goto(f"{address}/hazards/new")
        yield page
        telephone.close()
    assert said == []


def test_a_press_on_the_map_is_the_place_and_the_report_is_saved(page: Page) -> None:
    page.select_option("#device", "uxo")
    page.click("input[type=image]", position={"x": 100, "y": 60})
    meant = View(CENTRE, 10_000).point(100, 60)
    found = coordinates.read(page.input_value("#at"))
    assert earth.distance_m(meant, found) < 40, "a pixel is 31 m"
    box = page.locator("input[type=image]").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (320, 320), "a scaled map would tell another place"
    assert page.input_value("#device") == "uxo"
    page.click("form > .acts button.act")
    assert page.inner_text("h1") == "Повідомлення про небезпеку"


def test_the_enter_key_saves_and_does_not_press_the_map(page: Page) -> None:
    page.select_option("#device", "uxo")
    page.fill("#at", "50.4501, 30.5234")
    with page.expect_navigation():
        page.press("#at", "Enter")
    assert "50.45010, 30.52340" in page.inner_text("main")


@pytest.mark.parametrize("page", [True], indirect=True)
def test_the_sound_is_turned_on_by_a_press(page: Page, address: str) -> None:
    page.goto(f"{address}/news")
    page.click("#sound button")
    assert "Звук увімкнено" in page.inner_text("#sound")
