"""The ``nezlam courier`` command: records and answers by stick, where no road is open."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from edge import catalogue, clock, courier
from edge import config as configs
from edge.config import Config
from edge.errors import NodeError
from sync.settings import SettingsError
from sync.transport.courier import StickError

_config_option = click.option(
    "--config",
    "--settings",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="node.toml",
    show_default=True,
    help="The node's settings.",
)
_folder = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("courier")
def carry() -> None:
    """Carry records to central and its answers home, on a USB stick.

    On the node: export, and later import. At central, for every node on the stick:
    nezlam central courier.
    """


@carry.command(epilog="Example: nezlam courier export /media/stick")
@_folder
@_config_option
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what central confirmed and this node still holds: central was put back from a copy.",
)
@_json_option
def export(folder: Path, config_file: Path, *, everything: bool, as_json: bool) -> None:
    """Write what central has not confirmed yet onto the stick at FOLDER.

    The node may run or not, and nobody need sign in.
    """
    config = _config(config_file)
    try:
        with _counting(courier.due(config, everything=everything), quiet=as_json) as step:
            done = courier.export(
                config, folder, clock.wall_ms(), everything=everything, on_records=step
            )
    except (NodeError, StickError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        names = [path.name for path in done.files]
        click.echo(json.dumps({"records": done.records, "bytes": done.size, "files": names}))
        return
    click.echo(
        f"{done.records:,} records on the stick, {done.size:,} bytes in {len(done.files)} files."
        " Take it to central: nezlam central courier."
    )


@carry.command("import", epilog="Example: nezlam courier import /media/stick")
@_folder
@_config_option
@_json_option
def take(folder: Path, config_file: Path, *, as_json: bool) -> None:
    """Take central's confirmations and answers off the stick at FOLDER.

    A node that runs has them within a second, another at its next start. Exit 1: a file was torn,
    or there is nothing for this node.
    """
    try:
        config = _config(config_file)
        done, brought = courier.take(config, folder), catalogue.off_stick(config, folder)
    except (NodeError, StickError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        told = {"files": done.files, "held": done.held, "problems": list(done.problems)}
        told["catalogue"] = brought
        click.echo(json.dumps(told))
    else:
        for problem in done.problems:
            click.echo(problem, err=True)
        if done.files:
            click.echo(f"{done.files} files taken: central holds {done.held:,} of our records.")
        if brought:
            click.echo("Data from central is on the stick: the node takes what is newer.")
        elif not done.files and not done.problems:
            click.echo("Nothing for this node is on the stick: take it to central first.")
    if done.problems or not (done.files or brought):
        raise SystemExit(1)


@contextmanager
def _counting(records: int, *, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar on standard error, where a person watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=records, label="Records", file=sys.stderr) as bar:
        yield bar.update


def _config(file: Path) -> Config:
    try:
        return configs.read(file)
    except SettingsError as error:
        hint = "" if file.exists() else " At central it is: nezlam central courier FOLDER."
        raise click.UsageError(f"{error}{hint}") from error
