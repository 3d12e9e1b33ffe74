"""Every page says where everything stands, calmly, whatever the link does."""

from pathlib import Path

import pytest

from localservices.facts import LinkFacts, Progress
from localservices.strip import strip
from tests.builders import Browser, Surroundings, a_browser, a_form, a_household, a_store

UP = LinkFacts(up=True, since_ms=None, last_ack_ms=5)


def test_what_is_here_what_is_sent_and_what_central_has_add_up_to_what_was_written(
    tmp_path: Path,
) -> None:
    store = a_store(tmp_path, Surroundings())
    for _ in range(5):
        store.write(a_household())
    said = strip(store, UP, Progress(sent={"people": 3}))
    assert (said.here, said.sent, said.held, said.heard_ms) == (2, 3, 0, 5)


@pytest.mark.parametrize("path", ["/", "/households", "/households/new", "/nope"])
def test_each_page_shows_it_and_being_offline_is_no_alarm(tmp_path: Path, path: str) -> None:
    around = Surroundings()
    around.link = LinkFacts(up=False, since_ms=None, last_ack_ms=None)
    browser: Browser = a_browser(tmp_path, around)
    browser.register(a_form())
    text = browser.get(path).text
    line = text.partition('id="strip"')[2].partition("</ol>")[0]
    assert "On this node: <b>1</b>" in line
    assert "No link now; all is kept here." in line
    assert "bad" not in line


def test_a_stranger_is_not_told(tmp_path: Path) -> None:
    assert 'id="strip"' not in a_browser(tmp_path).app.test_client().get("/sign-in").text
