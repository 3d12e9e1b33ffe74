"""Staff find a household by whatever the person in front of them can say or show."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from localservices.registration import sought
from localservices.registration.projection import projection
from sync.store.working import Working
from sync.wire.kinds.edocument import EDocumentIssued
from sync.wire.kinds.household import Member
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from tests.builders import Browser, Surroundings, a_browser, a_form, a_household, a_store

OLEKSANDR = a_household(
    members=(
        Member("Ковальчук", "Олександр", "Сергійович", "m", date(1980, 3, 4), None, "3184710691"),
        Member("Ковальчук", "Юлія", document="КА 123456"),
        Member("Лі", "Ян"),
    ),
    phone="+380671234567",
)
OTHER = a_household(phone="+380501112233")


@pytest.fixture
def working(tmp_path: Path) -> Working:
    store = a_store(tmp_path, Surroundings())
    working = Working(None, store, [projection])
    working.open(bytes(32))
    store.write(OLEKSANDR)
    store.write(OTHER)
    return working


@pytest.fixture
def db(working: Working) -> Iterator[Database]:
    with working.reading() as db:
        yield db


@pytest.mark.parametrize(
    "query",
    [
        "ковальч",
        "КОВАЛЬЧУК",
        "Олександр Ковальчук",
        "ковал алекс",
        "Kovalchuk",
        "oleksandr koval",
        "Юлия",
        "Yuliia",
        "067 123 45 67",
        "+38 (067) 123-45-67",
        "8 067 1234567",
        "4567",
        "3184710691",
        "ka123456",
        "КА 123456",
        "лі",
        "лі ян",
    ],
)
def test_a_household_is_found_by_what_people_say(db: Database, query: str) -> None:
    assert [known.household for known in sought.matching(db, query, 10)] == [OLEKSANDR]


@pytest.mark.parametrize("query", ["Шевчук", "9999", "ковальчук шевченко", "  ", "NZ1:", "NZ1:ABC"])
def test_what_is_not_here_is_not_found(db: Database, query: str) -> None:
    assert sought.matching(db, query, 10) == []


def test_what_was_purged_is_found_no_more(working: Working) -> None:
    store = working._store
    with working.reading() as db:
        assert sought.matching(db, "ковальчук", 10) != []
    working.forget({Stream(store.epoch, Lane.PEOPLE): 1})
    with working.reading() as db:
        assert sought.matching(db, "ковальчук", 10) == []
        assert db.conn.execute("SELECT count(*) FROM alike").fetchone() != (0,)
        assert sought.matching(db, "шевченко", 10) != []


def test_a_household_is_found_by_its_number_and_by_that_of_its_paper(working: Working) -> None:
    store = working._store
    with working.reading() as db:
        [known] = sought.matching(db, "ковальчук", 10)
    paper = store.write(EDocumentIssued(known.public_id, 0, 1, "Олена"))
    with working.reading() as db:
        assert sought.matching(db, known.public_id, 10) == [known]
        assert sought.matching(db, f" {paper.public_id} ", 10) == [known]


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_typed_into_the_search_box_is_answered(db: Database, query: str) -> None:
    assert len(sought.matching(db, query, 10)) <= 2


def test_a_search_is_answered_on_the_page(tmp_path: Path) -> None:
    browser: Browser = a_browser(tmp_path)
    browser.register(a_form())
    page = browser.post("/households/search", {"query": "Shevchenko Mariia"})
    assert "Шевченко Марія" in page.text
