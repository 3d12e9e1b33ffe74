"""The host's reading: what this machine says, and what is made of machines that say less."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware import host
from hardware.errors import DeviceUnintelligibleError, DeviceUnreachableError
from hardware.host import CpuTimes, Host, busy_percent, hottest_c, parse_uptime

Line = namedtuple("Line", ["current"])

SECONDS = st.floats(min_value=0, max_value=1e9)


def test_this_machine_tells_its_disk_and_memory(tmp_path: Path) -> None:
    reading = Host(tmp_path).read()
    assert reading.source == "psutil"
    assert reading.disk_total_bytes == shutil.disk_usage(tmp_path).total
    assert reading.disk_free_bytes is not None
    assert reading.memory_used_bytes is not None
    assert reading.memory_total_bytes is not None
    assert 0 < reading.memory_used_bytes < reading.memory_total_bytes
    assert reading.up_s is not None
    assert reading.up_s > 0


def test_a_first_reading_does_not_say_how_busy_the_processor_is(tmp_path: Path) -> None:
    assert Host(tmp_path).read().cpu_percent is None


def test_the_processors_share_is_that_between_two_readings() -> None:
    assert busy_percent(CpuTimes(10, 100), CpuTimes(35, 200)) == 25


def test_counters_that_stand_still_say_nothing() -> None:
    assert busy_percent(CpuTimes(10, 100), CpuTimes(10, 100)) is None


@given(SECONDS, SECONDS, SECONDS, SECONDS)
def test_a_share_is_never_below_nothing_or_above_all(
    a: float, b: float, c: float, d: float
) -> None:
    share = busy_percent(CpuTimes(a, b), CpuTimes(c, d))
    assert share is None or 0 <= share <= 100


def test_the_processors_sensor_counts_before_a_hotter_disk() -> None:
    assert hottest_c({"nvme": [Line(70.0)], "coretemp": [Line(48.6), Line(51.4)]}) == 51


def test_without_a_processors_sensor_the_hottest_counts() -> None:
    assert hottest_c({"nvme": [Line(44.0)], "acpitz": [Line(47.0)]}) == 47


@pytest.mark.parametrize("nothing", [0.0, -273.2, 127.0, None])
def test_a_sensor_with_nothing_behind_it_did_not_say(nothing: float | None) -> None:
    assert hottest_c({"coretemp": [Line(nothing)]}) is None
    assert hottest_c({"coretemp": [Line(nothing)], "acpitz": [Line(-5.0)]}) == -5


def test_a_machine_without_sensors_did_not_say() -> None:
    assert hottest_c({}) is None


def test_uptime_is_whole_seconds() -> None:
    assert parse_uptime("14339.17 26897.30\n") == 14_339


@pytest.mark.parametrize("text", ["", "\n", "-3.0 1", "soon", "٣.1 2"])
def test_an_uptime_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DeviceUnintelligibleError):
        parse_uptime(text)


def test_what_a_sandbox_hides_was_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "UPTIME", tmp_path / "hidden")
    assert Host(tmp_path).read().up_s is None


def test_a_disk_that_is_gone_gives_no_reading(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnreachableError, match="No such file"):
        Host(tmp_path / "unplugged").read()
