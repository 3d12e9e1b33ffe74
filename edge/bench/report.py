"""A benchmark's figures, for people and for programs."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A value beside the baseline that was taken in the same run; both in ``unit``."""

    name: str
    value: float
    unit: str
    baseline: str  # what it is compared with, in words
    baseline_value: float
    aim: str  # what the design asks of the ratio, in words

    @property
    def ratio(self) -> float:
        return self.value / self.baseline_value


def machine() -> dict[str, str | int]:
    """What was measured on, as far as a figure depends on it; no name that tells whose it is."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def as_json(bench: str, figures: Sequence[Figure]) -> dict[str, Any]:
    """The shape of DESIGN section 11: ``ratio`` is ``value / baseline_value``."""
    return {
        "bench": bench,
        "machine": machine(),
        "figures": [_plain(figure) for figure in figures],
    }


def as_table(figures: Sequence[Figure]) -> str:
    """One line a figure, the ratio beside what is asked of it."""
    rows = [("figure", "value", "baseline", "ratio", "aim")]
    rows += [
        (
            figure.name,
            f"{figure.value:,.0f} {figure.unit}",
            f"{figure.baseline_value:,.0f} {figure.unit}",
            f"{figure.ratio:.2f}",
            figure.aim,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    baselines = sorted({figure.baseline for figure in figures})
    return "\n".join([*lines, *(f"baseline: {words}" for words in baselines)])


def _plain(figure: Figure) -> dict[str, Any]:
    plain = asdict(figure) | {"ratio": round(figure.ratio, 3)}
    del plain["aim"]
    return plain | {
        "value": round(figure.value, 3),
        "baseline_value": round(figure.baseline_value, 3),
    }
