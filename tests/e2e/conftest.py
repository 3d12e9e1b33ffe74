"""A centre for each test that asks for one, stopped whatever happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons import require
from tests.e2e.centre import Centre


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """Open for work; temporary files of its processes lie in ``tmp_path / "temporary"``."""
    require("nats-server")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    centre = Centre(tmp_path / "centre")
    try:
        centre.open()
        yield centre
    finally:
        centre.village.stop()
