"""Every way over every link, one after another, so that none has another beside it."""

import sys
from dataclasses import dataclass, field
from typing import Any

import click

from edge import clock
from edge.bench.drain import told
from edge.bench.drain.drain import Ours, Outcome, ours, rival
from edge.bench.drain.processes import StageError
from edge.bench.drain.rivals import RIVALS, AbsentError
from edge.bench.drain.skies import SKIES
from edge.bench.report import as_json

OURS = "Nezlam"


@dataclass
class Found:
    """What was measured; ``absent``: what was not, and why."""

    ours: list[Ours] = field(default_factory=list)
    others: list[Outcome] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        figures = as_json("drain", [told.figure(one) for one in self.ours])
        return figures | told.details(self.ours, self.others, self.absent)

    def as_text(self) -> str:
        return told.as_text(self.ours, self.others, self.absent)


def run(links: tuple[str, ...], count: int, *, alone: bool) -> Found:
    """Raises EmulatorError, StageError: ours cannot be measured here."""
    found = Found()
    ways = [OURS] if alone else [OURS, *RIVALS]
    steps: list[tuple[str, str]] = [(link, way) for link in links for way in ways]
    with click.progressbar(steps, label="drain", file=sys.stderr) as bar:
        for link, way in bar:
            if way == OURS:
                found.ours.append(ours(SKIES[link], count, clock.monotonic_ms))
            else:
                _try_other(found, link, way, count)
    return found


def _try_other(found: Found, link: str, way: str, count: int) -> None:
    """What another way cannot do is told, and spoils nothing."""
    try:
        found.others.append(rival(SKIES[link], way, RIVALS[way], count, clock.monotonic_ms))
    except AbsentError as error:
        found.absent[way] = str(error)
    except StageError as error:
        found.absent[f"{way} over {link}"] = str(error)
