"""What a node judges by follows its catalogue: files that come, that change, that are spoiled."""

from pathlib import Path

import pytest

from edge.grounds import types_of
from localservices.verification import pack

ESTONIA = (pack.FOLDER / "ee.json").read_bytes()


def given(folder: Path, **packs: bytes) -> list[tuple[str, Path, int | None]]:
    files: list[tuple[str, Path, int | None]] = []
    for name, data in packs.items():
        (folder / name).write_bytes(data)
        files.append((f"{pack.TARGETS}{name}.json", folder / name, None))
    return files


def test_a_countrys_documents_are_known_once_its_pack_is_in_the_catalogue(tmp_path: Path) -> None:
    assert "EE.passport" not in types_of([])
    known = types_of(given(tmp_path, ee=ESTONIA))
    assert {"EE.passport", "passport"} <= known.keys()


def test_a_spoiled_pack_takes_no_other_away_and_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = types_of(given(tmp_path, ee=ESTONIA, lv=b"spoiled"))
    assert {"EE.passport", "passport"} <= known.keys()
    assert "trust/packs/lv.json cannot be read" in caplog.text
