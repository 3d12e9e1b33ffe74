"""The file that makes room: laid down while there is plenty, dropped when there is none."""

from pathlib import Path

from edge import ballast
from edge.ballast import Ballast

PLENTY, NONE = 1024**3, 1024


def test_ballast_is_laid_down_while_there_is_room_and_takes_real_room(tmp_path: Path) -> None:
    Ballast(tmp_path / "ballast", lambda: PLENTY).trim()
    told = (tmp_path / "ballast").stat()
    assert told.st_size == ballast.BYTES
    assert told.st_blocks * 512 >= ballast.BYTES


def test_ballast_is_dropped_on_a_full_disk_and_comes_back_later(tmp_path: Path) -> None:
    free = [PLENTY]
    kept = Ballast(tmp_path / "ballast", lambda: free[0])
    seen = []
    for now in (PLENTY, NONE, NONE, 2 * ballast.BYTES, PLENTY):
        free[0] = now
        kept.trim()
        seen.append((tmp_path / "ballast").exists())
    assert seen == [True, False, False, False, True]


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_ballast(tmp_path: Path) -> None:
    Ballast(tmp_path / "absent" / "ballast", lambda: PLENTY).trim()
    Ballast(tmp_path / "absent" / "ballast", lambda: NONE).trim()
    assert list(tmp_path.iterdir()) == []
