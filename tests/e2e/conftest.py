"""A centre for each test that asks for one, stopped whatever happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons import require
from tests.e2e.centre import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """Open for work, with its first account made."""
    require("nats-server")
    centre = Centre(tmp_path / "centre")
    try:
        centre.open()
        yield centre
    finally:
        centre.village.stop()
