"""The benchmark of a commit: what it prints, and that it measures the real store."""

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.bench import commands, report
from edge.bench.commit import Plan, measure
from edge.bench.report import Figure

A_FIGURE = Figure("one_caller", 3_000.0, "records/s", "a raw write", 4_000.0, ">= 0.6")


def test_json_holds_what_the_design_says_and_no_more(tmp_path: Path) -> None:
    arguments = ["commit", "--rounds", "1", "--dir", str(tmp_path), "--json"]
    result = CliRunner().invoke(commands.bench, arguments)
    told = json.loads(result.stdout)
    assert told.keys() == {"bench", "machine", "figures"}
    assert told["bench"] == "commit"
    assert [figure["name"] for figure in told["figures"]] == ["one_caller", "callers_32"]
    for figure in told["figures"]:
        assert figure.keys() == {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
        assert figure["ratio"] == pytest.approx(
            figure["value"] / figure["baseline_value"], abs=0.001
        )


def test_a_measurement_leaves_nothing_behind(tmp_path: Path) -> None:
    arguments = ["commit", "--rounds", "1", "--dir", str(tmp_path)]
    assert CliRunner().invoke(commands.bench, arguments).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_rate_is_what_was_done_over_what_it_took(tmp_path: Path) -> None:
    ticks = itertools.count()
    [one, many] = measure(tmp_path, Plan(rounds=1, turn_ms=20), lambda: next(ticks))
    # A clock that goes on by 1 ms whenever it is read: one act a reading, but for the first and
    # the last two readings of a turn.
    assert one.baseline_value == one.value == pytest.approx(1000 * 19 / 21)
    assert many.value <= 1000


def test_people_read_the_ratio_beside_the_aim() -> None:
    [heads, row, baseline] = report.as_table([A_FIGURE]).splitlines()
    assert heads.split() == ["figure", "value", "baseline", "ratio", "aim"]
    assert row.split() == [
        "one_caller", "3,000", "records/s", "4,000", "records/s", "0.75", ">=", "0.6",
    ]  # fmt: skip
    assert baseline == "baseline: a raw write"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    arguments = ["commit", "--dir", str(tmp_path / "absent")]
    result = CliRunner().invoke(commands.bench, arguments)
    assert (result.exit_code, "does not exist" in result.output) == (2, True)
