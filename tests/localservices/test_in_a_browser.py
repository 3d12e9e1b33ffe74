"""What only a real browser shows: the Enter key, the way back, and that no policy is broken."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, ViewportSize, sync_playwright

from tests.builders import PASSPHRASE, STAFF_NAME, Browser
from tests.daemons import require

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A telephone whose person has signed in; a word in its console fails the test."""
    chromium = require("chromium")
    said: list[str] = []
    with sync_playwright() as playwright:
        telephone = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = telephone.new_page(viewport=PHONE, locale="uk-UA", java_script_enabled=False)
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        page.fill("#name", STAFF_NAME)
        page.fill("#passphrase", PASSPHRASE)
        page.click("main button")
        page.goto(f"{address}/households/new")
        yield page
        telephone.close()
    assert said == []


def test_the_enter_key_registers_nothing_by_accident(page: Page, browser: Browser) -> None:
    page.fill("#surname-0", "Шевченко")
    with page.expect_navigation():
        page.press("#surname-0", "Enter")
    assert page.url.endswith("/households/new")
    assert page.input_value("#surname-0") == "Шевченко"
    assert browser.office.store.tracks() == []


def test_a_family_is_registered_on_a_telephone_without_a_script(page: Page) -> None:
    page.fill("#surname-0", "Шевченко")
    page.fill("#given_name-0", "Марія")
    page.click("text=Додати ще одну людину")
    page.fill("#surname-1", "Шевченко")
    page.fill("#given_name-1", "Тарас")
    page.select_option("#relation-1", "child")
    page.click("header button[lang=en]")
    assert page.input_value("#given_name-1") == "Тарас"
    page.fill("#origin", "Маріуполь")
    page.fill("#shelter", "Дніпро")
    page.check("#consent")
    page.click("button[value=register]")
    assert page.inner_text("h1") == "Шевченко Марія"
    assert "People: 2" in page.inner_text("main")
    assert page.inner_text("#journey h2") == "Saved on this node"


def test_a_photo_is_attached_and_seen_on_a_telephone_without_a_script(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/media/new")
    photo = BytesIO()
    Image.linear_gradient("L").resize((1200, 900)).save(photo, "JPEG")
    told: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    page.set_input_files("#file", told)
    page.fill("#note", "Дах після дощу")
    page.click("main button")
    assert page.inner_text("#journey h2") == "Збережено на цьому вузлі, ще не в центрі."
    for shown in (page.url, f"{address}/media"):
        page.goto(shown)
        seen = page.locator("img.preview")
        assert seen.evaluate("image => image.naturalWidth") > 100
        box = page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= PHONE["width"]


def test_no_page_is_wider_than_a_telephone(page: Page, address: str) -> None:
    for path in (
        "/",
        "/households",
        "/households/new",
        "/colleagues/new",
        "/media/new",
        "/sign-in",
    ):
        page.goto(f"{address}{path}")
        box = page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= PHONE["width"], path
