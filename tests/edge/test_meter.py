"""Today's bytes are counted by road, outlive a restart, and begin anew with the day."""

from pathlib import Path

from edge import gauge
from edge.meter import Meter

DAY_MS = 86_400_000


def test_bytes_are_counted_by_road_and_survive_a_restart(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "meter.json", lambda: 5 * DAY_MS)
    meter.count("mqtt", 100)
    meter.count("https", 10)
    meter.count("mqtt", 1)
    meter.keep()
    assert Meter(tmp_path / "meter.json", lambda: 5 * DAY_MS + 1).today() == {
        "mqtt": 101,
        "https": 10,
    }


def test_a_new_day_begins_at_nothing(tmp_path: Path) -> None:
    now_ms = [5 * DAY_MS]
    meter = Meter(tmp_path / "meter.json", lambda: now_ms[0])
    meter.count("mqtt", 100)
    now_ms[0] += DAY_MS
    assert meter.today() == {}


def test_a_spoiled_file_and_a_folder_that_is_gone_cost_the_count_alone(tmp_path: Path) -> None:
    (tmp_path / "meter.json").write_text("{", "utf-8")
    assert Meter(tmp_path / "meter.json", lambda: 0).today() == {}
    Meter(tmp_path / "gone" / "meter.json", lambda: 0).keep()


def test_the_command_says_what_is_left_in_one_line() -> None:
    told = {
        "road": "mqtt",
        "bytes_left": {"people": 60_000},
        "goodput": 1_000.0,
        "seconds_left": 61,
        "today_bytes": 5_000_000,
        "budget_bytes": 20_000_000,
    }
    assert gauge.sentence(told) == (
        "road: mqtt; about 60 kB left at 1.0 kB/s: 1 min 1 s; today 5.0 MB of 20 MB"
    )
    assert gauge.sentence({}) == "road: none; about 0 kB left; today 0.0 MB"
