"""A record's way in a real browser: saved here, the link cut and restored, central has it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from provisioning.demo.control import ControlServer, create_app
from tests.daemons import require
from tests.e2e.centre import ACCOUNT, WAIT_S, Centre

WAIT_MS = WAIT_S * 1000


@pytest.fixture
def switch_page(centre: Centre) -> Iterator[str]:
    """The address of the page with the link's switch."""
    control = ControlServer(create_app(centre.village, ACCOUNT, centre.document), 0)
    control.start()
    yield control.address
    control.stop()


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser; a word in its console, such as a broken policy, fails the test."""
    chromium = require("chromium")
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(locale="uk-UA")
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: said.append(message.text))
        yield page
        browser.close()
    assert said == []


def sign_in(page: Page, centre: Centre) -> None:
    page.goto(centre.village.node_address)
    page.fill("#name", ACCOUNT.name)
    page.fill("#passphrase", ACCOUNT.passphrase)
    page.click("main button")
    expect(page.locator("#link-state")).to_have_text("Зв’язок із центром є")


def register(page: Page, centre: Centre, surname: str) -> str:
    """Fill in the form as a person would; give the address of the household's page."""
    page.goto(f"{centre.village.node_address}households/new")
    page.fill("#surname-0", surname)
    page.fill("#given_name-0", "Оксана")
    page.fill("#origin", "Харківська область, Ізюм")
    page.fill("#shelter", "Полтава, школа № 7")
    page.check("#consent")
    page.click("button[value=register]")
    expect(page.locator("h1")).to_have_text(f"{surname} Оксана")
    return page.url


def turn(page: Page, switch_page: str, link: str) -> None:
    page.goto(switch_page)
    page.click(f"button[value={link}]")
    other = "restore" if link == "cut" else "cut"
    expect(page.locator(f"button[value={other}]")).to_be_visible()


def expect_stage(page: Page, address: str, stage: str) -> None:
    """The page looks again by itself until it can say so."""
    page.goto(address)
    expect(page.locator("#journey")).to_have_attribute("data-stage", stage, timeout=WAIT_MS)


def test_a_blackout_is_worked_through_and_every_record_is_confirmed(
    centre: Centre, page: Page, switch_page: str
) -> None:
    sign_in(page, centre)
    before = register(page, centre, "Ткаченко")
    expect_stage(page, before, "held")

    turn(page, switch_page, "cut")
    page.goto(centre.village.node_address)
    expect(page.locator("#link-state")).to_have_text(re.compile("немає"))
    during = register(page, centre, "Романенко")
    expect(page.locator("#journey")).to_have_attribute("data-stage", "saved")
    assert centre.households_at_central() == 1

    turn(page, switch_page, "restore")
    expect_stage(page, during, "held")
    expect_stage(page, before, "held")
    assert centre.households_at_central() == 2


def test_a_document_is_judged_without_a_link(centre: Centre, page: Page, switch_page: str) -> None:
    sign_in(page, centre)
    turn(page, switch_page, "cut")
    page.goto(f"{centre.village.node_address}verify")
    page.fill("textarea", centre.document)
    page.click("main button.act")
    expect(page.locator(".verdict")).to_have_attribute("data-verdict", "valid")
