"""The ``nezlam central courier`` command: take in what a stick brings, and leave the answers."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click

from central import assembly, claim, clock, courier
from central.assembly import Core
from central.catalogue import commands as catalogue
from central.config import Config
from central.courier import Report
from central.errors import CentralError, ClaimError
from central.options import config_of, config_option
from sync.transport.courier import StickError


@click.command("courier", epilog="Example: nezlam central courier /media/stick")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def serve(folder: Path, config_file: Path, *, as_json: bool) -> None:
    """Take in every node's files at FOLDER, and leave each its confirmations and answers there.

    Central may run or not. Exit 1: a file was not taken; the others were.
    """
    config = config_of(config_file)
    try:
        with _core(config) as core, _measured(folder, quiet=as_json) as step:
            report = courier.serve(core, folder, clock.wall_ms(), on_bytes=step)
            catalogue.onto_stick(config, folder)
    except (CentralError, StickError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_told(report)))
    else:
        _say(report)
    if report.problems:
        raise SystemExit(1)


@contextmanager
def _core(config: Config) -> Iterator[Core]:
    """The log. The folder is held meanwhile, unless it is by a central that runs."""
    with ExitStack() as stack:
        with suppress(ClaimError):
            stack.enter_context(claim.held(config.data))
        core = assembly.open_core(config)
        stack.callback(core.database.close)
        yield core


def _told(report: Report) -> dict[str, object]:
    nodes = {
        node_id: {"files": v.files, "fresh": v.fresh, "held": v.held, "refused": v.refused}
        for node_id, v in report.visits.items()
    }
    return {"nodes": nodes, "problems": list(report.problems)}


def _say(report: Report) -> None:
    for problem in report.problems:
        click.echo(problem, err=True)
    for node_id, visit in report.visits.items():
        click.echo(f"{node_id}: {visit.fresh:,} new records, {visit.held:,} held")
        if visit.lacks:
            click.echo(
                "  something before them is missing: ask for nezlam courier export --all there."
            )
        if visit.refused:
            click.echo(f"  {visit.refused} messages were not taken: operations show why.")
    if report.visits:
        click.echo("The answers are on the stick: take it back to the nodes.")
    elif not report.problems:
        click.echo("The stick holds nothing for central: export onto it at a node first.")


@contextmanager
def _measured(folder: Path, *, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar on standard error, where a person watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=courier.size(folder), label="Bytes", file=sys.stderr) as bar:
        yield bar.update
