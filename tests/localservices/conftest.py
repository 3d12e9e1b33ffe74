"""The node's pages behind the server that a node runs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from waitress.server import create_server  # type: ignore[import-untyped,unused-ignore]

from tests.builders import Browser, a_browser

READ_BYTES_MAX = 64 * 1024**2  # more than anyone should send, so that the answer is ours


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return a_browser(tmp_path)


@pytest.fixture
def address(browser: Browser) -> Iterator[str]:
    server = create_server(
        browser.app,
        host="127.0.0.1",
        port=0,
        max_request_body_size=READ_BYTES_MAX,
        inbuf_overflow=READ_BYTES_MAX,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(3)  # a browser that keeps its line open holds the server longer
