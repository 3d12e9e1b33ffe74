"""The ``nezlam bench`` command: what this machine can do, always beside a baseline."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from edge import clock
from edge.bench import commit as commits
from edge.bench.drain.commands import drain
from edge.bench.report import as_json, as_table
from sync.store.errors import StoreError


@click.group()
def bench() -> None:
    """Measure this machine, each figure beside a baseline taken in the same run."""


bench.add_command(drain)


@bench.command(epilog="Example: nezlam bench commit --dir /var/lib/nezlam --json")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="A folder on the disk to measure; the current one by default.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 1000),
    default=7,
    show_default=True,
    help="How often baseline and store take turns; the median counts.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def commit(folder: Path, rounds: int, wants_json: bool) -> None:
    """Count the records a second that are on disk before their writer is answered."""
    try:
        with tempfile.TemporaryDirectory(prefix="nezlam-bench-", dir=folder) as room:
            figures = commits.measure(Path(room), commits.Plan(rounds=rounds), clock.monotonic_ms)
    except OSError as error:
        raise click.ClickException(
            f"Cannot write in {folder} ({error.strerror}): choose another folder with --dir."
        ) from error
    except StoreError as error:
        raise click.ClickException(f"{error}: choose another folder with --dir.") from error
    click.echo(json.dumps(as_json("commit", figures)) if wants_json else as_table(figures))


@bench.command(epilog="Example: nezlam bench wire --records households.jsonl")
@click.option(
    "--records",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Bodies to measure, one JSON object a line; generated households by default.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def wire(records: Path | None, wants_json: bool) -> None:
    """Count the bytes that a record costs on the wire, all layers of ours, MQTT and TLS."""
    from edge.bench import wire as wires  # noqa: PLC0415  its lists are an extra

    try:
        result = wires.of_file(records) if records else wires.of_households()
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"{records} cannot be measured ({error}): give JSON objects, one a line."
        ) from error
    if wants_json:
        click.echo(json.dumps(as_json("wire", result.figures()) | wires.details(result)))
        return
    click.echo(as_table(result.figures()))
    click.echo(wires.as_text(result))


@bench.command(epilog="Example: nezlam bench registry --documents 1000000 --probes 100000")
@click.option(
    "--documents",
    type=click.IntRange(100_000, 100_000_000),
    default=19_000_000,
    show_default=True,
    help="How many stand in it.",
)
@click.option(
    "--probes",
    type=click.IntRange(1_000, 1_000_000_000),
    default=10_000_000,
    show_default=True,
    help="How many that do not stand in it are looked for.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def registry(documents: int, probes: int, wants_json: bool) -> None:
    """Build a country's registry of documents, and look for some: bytes, times, mistakes."""
    from edge.bench import registry as registries  # noqa: PLC0415

    plan = registries.Plan(documents, probes)
    with (
        tempfile.TemporaryDirectory(prefix="nezlam-bench-") as room,
        click.progressbar(
            length=registries.work(plan), label="registry", file=sys.stderr, hidden=wants_json
        ) as bar,
    ):
        result = registries.measure(plan, Path(room), bar.update, clock.monotonic_us)
    if wants_json:
        click.echo(json.dumps(as_json("registry", result.figures()) | {"details": asdict(result)}))
        return
    click.echo(as_table(result.figures()))
    click.echo(registries.as_text(result))


@bench.command(epilog="Example: nezlam bench verify --json")
@click.option(
    "--rounds",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How often; the best counts, for other work on the machine only slows.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def verify(rounds: int, wants_json: bool) -> None:
    """Count the documents that one core judges in a second."""
    from edge.bench import verify as verifying  # noqa: PLC0415

    try:
        figures = verifying.measure(rounds, clock.monotonic_us)
    except verifying.OpensslError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(as_json("verify", figures)) if wants_json else as_table(figures))


@bench.command(epilog="Example: nezlam bench doubles --json")
@click.option(
    "--households",
    type=click.IntRange(100, 1_000_000),
    default=100_000,
    show_default=True,
    help="How many the node holds.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def doubles(households: int, wants_json: bool) -> None:
    """Look for households that were registered before: how long it takes, how many are found."""
    from edge.bench import doubles as doubling  # noqa: PLC0415  its lists are an extra

    with tempfile.TemporaryDirectory(prefix="nezlam-bench-") as room:
        result = doubling.measure(households, Path(room), clock.monotonic_us)
    shares = {name: getattr(result, name) for name in ("recall", "precision", "strangers")}
    if wants_json:
        click.echo(json.dumps(as_json("doubles", result.figures()) | shares))
        return
    click.echo(as_table(result.figures()))
    click.echo("  ".join(f"{name} {share:.3f}" for name, share in shares.items()))
