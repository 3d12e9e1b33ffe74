"""A day at a centre without a link: people come, ask and report; in the evening all arrives."""

import html
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.daemons import require
from tests.e2e.centre import ACCOUNT, Centre

APPLICANT = {
    "surname": "Ткаченко",
    "given_name": "Оксана",
    "born_on": "24.08.1991",
    "phone": "050 123 45 67",
}


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser; a word in its console, such as a broken policy, fails the test."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(locale="uk-UA")
        page.on("console", lambda message: said.append(message.text))
        yield page
        browser.close()
    # A form that is shown again with what is wrong answers 422 or 409, which chromium tells.
    assert [one for one in said if "422" not in one and "409" not in one] == []


def test_a_day_without_a_link_is_whole_at_central_in_the_evening(
    centre: Centre, page: Page
) -> None:
    home = centre.village.node_address
    centre.village.publish_services()
    centre.expect("services are here", lambda: "bond-pledge" in centre.staff.text("/services"))
    centre.village.switch.cut()
    centre.expect("the link is down", lambda: not centre.link_is_up())

    page.goto(home)
    page.fill("#name", ACCOUNT.name)
    page.fill("#passphrase", ACCOUNT.passphrase)
    page.click("main button")
    household = register(page, home)
    certificate(page, household)
    number, receipt = pledge(page, home)
    hazard(page, home)

    claimed = centre.command("central", "applications", "claim", receipt)
    assert number in claimed
    assert "by receipt; its record has not come" in listed(centre)

    centre.village.switch.restore()
    centre.expect("all is at central", centre.all_held)
    assert centre.households_at_central() == 1
    assert listed(centre).count(number) == 1
    assert "its record is here" in listed(centre)
    page.goto(f"{home}applications/{number}")
    expect(page.locator("#journey")).to_have_attribute("data-stage", "held")
    centre.command("central", "decide", number, "approved", "--text", "Приходьте")
    centre.expect("the answer", lambda: "Приходьте" in centre.staff.text(f"/applications/{number}"))


def listed(centre: Centre) -> str:
    return centre.command("central", "applications", "list", "--service", "bond-pledge")


def register(page: Page, home: str) -> str:
    page.goto(f"{home}households/new")
    page.fill("#surname-0", "Ткаченко")
    page.fill("#given_name-0", "Оксана")
    page.fill("#born_on-0", "24.08.1991")
    page.fill("#origin", "Харківська область, Ізюм")
    page.fill("#shelter", "Полтава, школа № 7")
    page.check("#consent")
    page.click("button[value=register]")
    expect(page.locator("h1")).to_have_text("Ткаченко Оксана")
    return page.url


def certificate(page: Page, household: str) -> None:
    """Printed here, and judged here as any other node judges it."""
    page.click("summary")
    page.fill("#seen-0", "Паспорт 001234567")
    page.click("details button")
    code = page.locator("#edocument").get_attribute("data-text") or ""
    assert code.startswith("NZ1:")
    page.goto(household)
    page.goto(f"{household.split('/households', maxsplit=1)[0]}/verify")
    page.fill("#payload", code)
    page.click("form.scan button.act")
    expect(page.locator("main")).to_contain_text("Паспорт 001234567")


def pledge(page: Page, home: str) -> tuple[str, str]:
    """(its number, the receipt's text) of an application, filled in page by page."""
    page.goto(f"{home}services/bond-pledge")
    page.click("main a.act")
    for name, text in APPLICANT.items():
        page.fill(f"[name='/data/applicant/{name}']", text)
    page.click("button.act")
    page.check("[name='/data/pledge/kind'][value=donation]")
    page.click("button.act")
    page.fill("[name='/data/pledge/gift']", "сто")
    page.check("[name='/data/pledge/purpose'][value=health]")
    page.click("button.act")
    expect(page.locator(".govuk-error-message")).to_contain_text("Напишіть число")
    page.fill("[name='/data/pledge/gift']", "100,50")
    page.click("button.act")
    page.check("[name='/data/confirmation/truthful']")
    page.click("button.act")
    expect(page.locator("h1")).to_have_text("Перевірте відповіді")
    page.click("button[value=file]")
    expect(page.locator("#journey")).to_have_attribute("data-stage", "saved")
    number = page.locator(".number strong").inner_text()
    page.click("main a.act")
    receipt = page.locator("#receipt").get_attribute("data-text") or ""
    return number, html.unescape(receipt)


def hazard(page: Page, home: str) -> None:
    page.goto(f"{home}hazards/new")
    page.select_option("[name=device]", "uxo")
    page.fill("[name=at]", "49.2100, 37.2600")
    page.click("main form button.act")
    expect(page.locator("#journey, .number, h1").first).to_be_visible()
    assert re.search(r"/hazards/[^n]", page.url)
