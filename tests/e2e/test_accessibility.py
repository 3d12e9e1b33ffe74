"""Every page that staff can reach holds to WCAG 2.2 AA, fits a telephone, and weighs little."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.daemons import require
from tests.e2e.centre import ACCOUNT, Centre

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PAGE_BYTES_MAX = 150_000
NARROW_PX = 320  # WCAG 1.4.10: no scrolling in two directions at this width
_LEAVING = ("/sign-out", "/lock")
_OF_ONE = re.compile(r"/[^/]*\d[^/]*")  # a page of one household is like that of another
_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def signed_in(chromium: Browser, centre: Centre, language: str, scheme: str) -> Page:
    context: BrowserContext = chromium.new_context(
        locale="uk-UA",
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": NARROW_PX, "height": 800},
    )
    page = context.new_page()
    page.goto(f"{centre.village.node_address}sign-in?lang={language}")
    page.fill("#name", ACCOUNT.name)
    page.fill("#passphrase", ACCOUNT.passphrase)
    page.click("main button")
    return page


def pages_from(page: Page, start: str) -> Iterator[str]:
    """Every kind of page that links lead to, each once; ``page`` stands on it when it is given."""
    ahead, known = [start], {_kind(start)}
    while ahead:
        address = ahead.pop()
        answer = page.goto(address)
        if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        yield address
        for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"):
            target = urljoin(start, link).partition("#")[0]
            if target.startswith(start) and _kind(target) not in known and not _leaves(target):
                known.add(_kind(target))
                ahead.append(target)


def _kind(address: str) -> str:
    return _OF_ONE.sub("/*", urlsplit(address).path)


def _leaves(address: str) -> bool:
    path = urlsplit(address).path
    return path in _LEAVING or "download" in path or path.rpartition("/")[2].count(".") > 0


def broken_rules(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
    return [
        f"{page.url}: {rule['id']}: {node['html'][:120]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme"), [("uk", "light"), ("en", "dark")])
def test_no_page_breaks_a_rule_of_accessibility(
    centre: Centre, chromium: Browser, language: str, scheme: str
) -> None:
    centre.register(0)
    page = signed_in(chromium, centre, language, scheme)
    start = centre.village.node_address
    broken, visited, wide = [], [], []
    for address in pages_from(page, start):
        visited.append(address)
        broken += broken_rules(page)
        if page.evaluate(_WIDE) > 0:
            wide.append(address)
    page.goto(f"{start}households/new")
    page.click("button[value=register]")  # with nothing in it: the page of what is wrong
    broken += broken_rules(page)
    assert len(visited) >= 8
    assert broken == []
    assert wide == []


def test_a_page_with_all_that_it_loads_weighs_less_than_a_photo(
    centre: Centre, chromium: Browser
) -> None:
    centre.register(0)
    looked_at = signed_in(chromium, centre, "uk", "light")
    heavy = []
    for address in list(pages_from(looked_at, centre.village.node_address)):
        heavy += _heavy(looked_at, address)
    assert heavy == []


def _heavy(page: Page, address: str) -> list[str]:
    """Loads it as for the first time, with nothing kept from other pages."""
    weight = 0
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def add(event: dict[str, int]) -> None:
        nonlocal weight
        weight += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", add)
    page.goto(address, wait_until="networkidle")
    session.detach()
    return [f"{address}: {weight}"] if not 0 < weight <= PAGE_BYTES_MAX else []
