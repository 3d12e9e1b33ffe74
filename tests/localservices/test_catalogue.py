"""Staff see what central sends to all nodes, how old it is, and what is wrong with it."""

from pathlib import Path

import pytest

from localservices.catalogue.pages import create_pages
from localservices.facts import CatalogueFacts, FileFacts
from sync.catalogue.state import Problem, Standing
from tests.builders import NOON_MS, Browser, an_office

HOUR_MS = 3_600_000
FILE = FileFacts("trust/lists/eu.json", "in_force", 10, NOON_MS - HOUR_MS, NOON_MS - 2 * HOUR_MS)


def page(folder: Path, facts: CatalogueFacts | None, language: str = "en") -> str:
    browser = Browser(an_office(folder, pages=[create_pages(lambda: facts)]), language).set_up()
    return browser.get("/catalogue").text


def test_each_file_is_shown_with_its_age(tmp_path: Path) -> None:
    text = page(tmp_path, CatalogueFacts((FILE,), None, NOON_MS - HOUR_MS))
    assert "trust/lists/eu.json" in text
    assert "In force" in text
    assert "2 hr. ago" in text
    assert 'role="alert"' not in text


@pytest.mark.parametrize("language", ["uk", "en"])
@pytest.mark.parametrize("problem", list(Problem))
def test_each_problem_has_a_sentence_and_says_that_the_old_stays(
    problem: Problem, language: str, tmp_path: Path
) -> None:
    text = page(tmp_path, CatalogueFacts((FILE,), problem, None), language)
    assert 'role="alert"' in text
    assert "catalogue." not in text
    assert ("stays in force" in text) or ("діє й далі" in text)


@pytest.mark.parametrize("standing", list(Standing))
def test_each_standing_has_words(standing: Standing, tmp_path: Path) -> None:
    file = FileFacts("forms/aid.json", standing, 10, None, None)
    text = page(tmp_path, CatalogueFacts((file,), None, None))
    assert "not here yet" in text
    assert "catalogue." not in text


def test_a_node_of_before_the_catalogue_says_so(tmp_path: Path) -> None:
    assert "enrolled before central had a catalogue" in page(tmp_path, None)


def test_nothing_is_shown_to_who_is_not_signed_in(tmp_path: Path) -> None:
    browser = Browser(an_office(tmp_path, pages=[create_pages(lambda: None)])).set_up()
    assert Browser(browser.office).get("/catalogue").status_code == 303
