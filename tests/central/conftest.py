"""Databases of both makes, each empty and a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.store.database import Database
from tests import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Without any table yet."""
    url = f"sqlite:///{tmp_path / 'central.db'}"
    if request.param == "postgresql":
        url = postgres.new_database(request.getfixturevalue("server"), "central")
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def database(blank: Database) -> Database:
    blank.migrate()
    return blank
