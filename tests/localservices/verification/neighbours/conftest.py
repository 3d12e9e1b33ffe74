"""A neighbour that has just been given its key."""

from pathlib import Path

import pytest

from tests.builders import Surroundings
from tests.localservices.verification.issuing import NOW_MS
from tests.localservices.verification.neighbours.asking import Neighbour


@pytest.fixture
def around() -> Surroundings:
    return Surroundings(now_ms=NOW_MS)


@pytest.fixture
def neighbour(tmp_path: Path, around: Surroundings) -> Neighbour:
    return Neighbour(tmp_path, around)
