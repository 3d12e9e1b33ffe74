"""The page on which a document is typed: nothing typed is lost, and nobody lists a country."""

from pathlib import Path

import pytest

from localservices.verification.allowance import PERSON, Allowance, Looks
from sync.wire.lanes import Lane
from tests.builders import Browser, an_office
from tests.localservices.verification.house import pages_of
from tests.localservices.verification.test_query import Node

WHERE = "/verify/number"


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    node = Node(tmp_path)
    house = pages_of(registries=node.registries)
    (tmp_path / "office").mkdir()
    return Browser(an_office(tmp_path / "office", pages=[house])).set_up()


def typed(browser: Browser, number: str, born_on: str = "21.06.1987") -> str:
    fields = {"document_type": "passport", "number": number, "born_on": born_on}
    return browser.post(WHERE, fields, seen_at=WHERE).text


def test_a_document_is_looked_up_and_the_look_is_written_down(browser: Browser) -> None:
    page = typed(browser, "ak 000001")
    assert 'data-verdict="match_probabilistic"' in page
    assert browser.office.store.depths()[Lane.WORK].written == 1
    assert 'data-verdict="revoked"' in typed(browser, "AK000003")


def test_what_is_missing_is_said_and_what_was_typed_stays(browser: Browser) -> None:
    page = typed(browser, "AK000001", born_on="yesterday")
    assert "Type the date of birth as 24.08.1991." in page
    assert 'value="AK000001"' in page


def test_a_slip_in_the_number_is_said_with_an_example_and_is_no_look(browser: Browser) -> None:
    page = typed(browser, "AK00001")
    assert "for example FA123456" in page
    assert 'value="AK00001"' in page
    assert browser.office.store.depths()[Lane.WORK].written == 0


def test_who_asks_too_often_is_asked_to_wait(browser: Browser) -> None:
    pages = [typed(browser, f"AK{number:06}") for number in range(PERSON.looks + 1)]
    assert "Too many look-ups" in pages[-1]
    assert "Too many look-ups" not in pages[-2]
    assert browser.office.store.depths()[Lane.WORK].written == PERSON.looks


def test_the_limits_ease_by_themselves_and_hold_for_the_node_too() -> None:
    looks = Looks(person=Allowance(2, 1_000), node=Allowance(3, 10_000))
    assert [looks.allows("Олена", at) for at in (0, 1, 2)] == [True, True, False]
    assert looks.allows("Олена", 1_000)
    assert not looks.allows("Ігор", 1_001)
    assert looks.allows("Ігор", 10_000)
