"""A camera shows a code to the page, with the link cut: the verdict comes by itself."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.daemons import require
from tests.e2e.centre import Centre
from tests.e2e.test_browser import WAIT_MS, sign_in, switch_page, turn

__all__ = ["switch_page"]


def a_film(text: str, path: Path) -> Path:
    """What a camera sees that a code is held to: motion JPEG, a frame after the other."""
    code = io.BytesIO()
    segno.make(text, error="q", micro=False).save(code, kind="png", scale=4)
    with Image.open(code) as drawn:
        seen = Image.new("RGB", (1280, 720), "gray")
        turned = drawn.convert("RGB").rotate(8, expand=True, fillcolor="white")
        seen.paste(turned, (640 - turned.width // 2, 360 - turned.height // 2))
    frame = io.BytesIO()
    seen.save(frame, "JPEG", quality=85)
    path.write_bytes(frame.getvalue() * 30)
    return path


@pytest.fixture
def page(centre: Centre, tmp_path: Path) -> Iterator[Page]:
    """A browser with a camera; a word in its console fails the test."""
    film = a_film(centre.document, tmp_path / "film.mjpeg")
    said: list[str] = []
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require("chromium"),
            args=["--no-sandbox", *camera, f"--use-file-for-fake-video-capture={film}"],
        )
        page = browser.new_page(locale="uk-UA")
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: said.append(message.text))
        yield page
        browser.close()
    assert said == []


def test_a_code_held_to_the_camera_is_judged_without_a_link(
    centre: Centre, page: Page, switch_page: str
) -> None:
    sign_in(page, centre)
    turn(page, switch_page, "cut")
    page.goto(f"{centre.village.node_address}verify")
    page.click("#camera button")
    expect(page.locator(".verdict")).to_have_attribute("data-verdict", "valid")
    expect(page.locator("main")).to_contain_text(re.compile("Підпис видавця справжній"))


def test_for_a_bus_of_people_the_camera_goes_on_and_counts_each_once(
    centre: Centre, page: Page
) -> None:
    sign_in(page, centre)
    page.goto(f"{centre.village.node_address}verify/many")
    page.click("#camera button")
    expect(page.locator("details")).to_have_count(1)
    page.fill("textarea", "a word")
    page.click("main button.act")
    expect(page.locator("#given .verdict")).to_have_attribute("data-verdict", "malformed")
    expect(page.locator("video")).to_be_visible()
    expect(page.locator("details")).to_have_count(2)


def test_a_scanner_that_types_like_a_keyboard_needs_no_button(centre: Centre, page: Page) -> None:
    sign_in(page, centre)
    page.goto(f"{centre.village.node_address}verify")
    page.keyboard.type(centre.document, delay=1)
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_have_attribute("data-verdict", "valid")
