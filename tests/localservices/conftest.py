"""The node's pages behind the server that a node runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.web import WebServer
from tests.builders import Browser, a_browser


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return a_browser(tmp_path)


@pytest.fixture
def address(browser: Browser) -> Iterator[str]:
    server = WebServer(browser.app, "127.0.0.1", 0)
    server.start()
    yield server.address.rstrip("/")
    server.stop()
