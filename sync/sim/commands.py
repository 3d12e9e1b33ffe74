"""The ``nezlam simulate`` command: search for a bad day, and show the shortest one found."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import click

from sync.sim.machines import Keys
from sync.sim.mutants.every import MUTANTS
from sync.sim.quick_keys import quick_keys
from sync.sim.runner import Outcome, run_seed

SHOWN_MAX = 5  # failing seeds that are written out; all are counted


@dataclass(frozen=True, slots=True)
class Plan:
    """Which weather to play."""

    first: int
    seeds: int
    nodes: int
    mutant: str | None

    def command(self, seed: int) -> str:
        """What a person types to see one seed again."""
        mutant = f" --mutant {self.mutant}" if self.mutant else ""
        return f"nezlam simulate --first {seed} --seeds 1 --nodes {self.nodes}{mutant}"


@click.command(epilog="Example: nezlam simulate --seeds 2000")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="How many stretches of bad weather to play.",
)
@click.option(
    "--first", type=click.IntRange(min=0), default=0, show_default=True, help="The first seed."
)
@click.option(
    "--nodes",
    type=click.IntRange(1, 50),
    default=3,
    show_default=True,
    help="How many nodes report to the one central.",
)
@click.option(
    "--mutant",
    type=click.Choice(sorted(MUTANTS)),
    help="Break one rule on purpose; the simulator must then find a violation.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(seeds: int, first: int, nodes: int, mutant: str | None, as_json: bool) -> None:
    """Play the whole protocol under faults in virtual time, and check every promise.

    Exit 0: all promises kept. Exit 1: a seed broke one; its shortest trace is shown.
    """
    plan = Plan(first, seeds, nodes, mutant)
    outcomes = list(_shown(search(plan), seeds, quiet=as_json))
    failed = [outcome for outcome in outcomes if outcome.broken]
    saved = sum(outcome.saved for outcome in outcomes)
    if as_json:
        click.echo(json.dumps(_summary(plan, saved, failed)))
    else:
        click.echo(_told(plan, saved, failed))
    if failed:
        raise SystemExit(1)


def search(plan: Plan) -> Iterator[Outcome]:
    """Run the seeds on every core, and give the outcomes in order."""
    todo = range(plan.first, plan.first + plan.seeds)
    job = partial(_run, nodes=plan.nodes, mutant=plan.mutant)
    workers = min(os.cpu_count() or 1, plan.seeds)
    if workers == 1:
        yield from map(job, todo)
        return
    with ProcessPoolExecutor(workers, initializer=_hush) as pool:
        yield from pool.map(job, todo, chunksize=min(20, -(-plan.seeds // workers)))


def _run(seed: int, nodes: int, mutant: str | None) -> Outcome:
    with MUTANTS[mutant]() if mutant else nullcontext():
        return run_seed(seed, _keys(nodes))


@cache
def _keys(nodes: int) -> Keys:
    return quick_keys(nodes)


def _hush() -> None:
    # A bad link is no news here.
    logging.disable(logging.CRITICAL)


def _shown(outcomes: Iterator[Outcome], seeds: int, *, quiet: bool) -> Iterator[Outcome]:
    if quiet:
        yield from outcomes
        return
    with click.progressbar(outcomes, length=seeds, label="seeds", file=sys.stderr) as bar:
        yield from bar


def _summary(plan: Plan, saved: int, failed: list[Outcome]) -> dict[str, Any]:
    return {
        "seeds": plan.seeds,
        "first": plan.first,
        "nodes": plan.nodes,
        "mutant": plan.mutant,
        "records": saved,
        "violations": len(failed),
        "failed": [
            {
                "seed": outcome.seed,
                "broken": list(outcome.broken),
                "acts": [str(act) for act in outcome.acts],
                "replay": plan.command(outcome.seed),
            }
            for outcome in failed[:SHOWN_MAX]
        ],
    }


def _told(plan: Plan, saved: int, failed: list[Outcome]) -> str:
    lines = [f"{plan.seeds} seeds, {saved} records saved by people, {len(failed)} seeds in trouble"]
    for outcome in failed[:SHOWN_MAX]:
        lines += ["", f"seed {outcome.seed}:"]
        lines += [f"  {sentence}" for sentence in outcome.broken]
        lines += ["shortest trace found:"]
        lines += [f"  {act}" for act in outcome.acts]
        lines += [f"again: {plan.command(outcome.seed)}"]
    return "\n".join(lines)
