"""The ``nezlam central`` command: run central, ask how it is, put a backup back."""

import json
import logging
import signal
import threading
from contextlib import closing
from pathlib import Path
from types import FrameType

import click
import requests

from central import (
    alerting,
    applications,
    assembly,
    backup,
    claim,
    clock,
    couriers,
    custody,
    dictionary,
    doubles,
    letters,
    neighbours,
    process,
    revoking,
)
from central.catalogue import commands as catalogue
from central.config import Config
from central.errors import BackupError, CentralError
from central.fleet import Fleet
from central.ops import queries
from central.options import config_of, config_option
from central.registry import commands as registries
from central.services import commands as services
from sync import logs

_ANSWER_TIMEOUT_S = 5


@click.group()
def central() -> None:
    """Run the other end: broker, ingest, log and operations page."""


central.add_command(couriers.serve)


central.add_command(catalogue.publish)
central.add_command(catalogue.rotate_keys)
central.add_command(letters.decide)
central.add_command(letters.message)
central.add_command(letters.command)
central.add_command(letters.share)
central.add_command(applications.group)
central.add_command(alerting.alert)
central.add_command(alerting.news)
central.add_command(alerting.take_short)
central.add_command(doubles.doubles)
central.add_command(custody.custody)
central.add_command(revoking.revoke)
central.add_command(registries.registry)
central.add_command(neighbours.api_key)
central.add_command(services.service)


@central.command(epilog="Example: nezlam central run --config /etc/nezlam/central.toml")
@config_option
def run(config_file: Path) -> None:
    """Receive what the nodes wrote, until Ctrl-C or SIGTERM."""
    config = config_of(config_file)
    logs.configure()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    _stop_on_signals(stop)
    try:
        process.run(config, click.echo, stop)
    except CentralError as error:
        raise click.ClickException(str(error)) from error


@central.command(epilog="Example: nezlam central status --json")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(config_file: Path, as_json: bool) -> None:
    """Say what central holds of each node. Exit 1: it does not run."""
    config = config_of(config_file)
    running = _answers(config)
    try:
        with closing(assembly.open_database(config)) as database:
            known = Fleet(config.keys / "fleet.json").nodes
            found = queries.overview(database, known, clock.wall_ms())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    told = {
        "running": running,
        "households": found.households,
        "nodes": {node.node_id: node.records for node in found.nodes},
    }
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(f"central {'runs' if running else 'is off'}, {found.households} households")
        for node in found.nodes:
            click.echo(f"  {node.node_id}: {node.records} records")
    if not running:
        raise SystemExit(1)


@central.command(epilog="Example: nezlam central restore --from /mnt/backup")
@config_option
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The backup folder.",
)
def restore(config_file: Path, folder: Path) -> None:
    """Put a backup into an empty database. When central then starts, the nodes bring the rest."""
    config = config_of(config_file)
    try:
        with claim.held(config.data):
            count = _restore(config, folder)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} messages were put back. Start central: it asks every node for the rest.")


@central.command(epilog="Example: nezlam central rebuild")
@config_option
def rebuild(config_file: Path) -> None:
    """Derive households and fleet anew from the log: after an update that reads new kinds."""
    config = config_of(config_file)
    try:
        with claim.held(config.data):
            core = assembly.open_core(config)
            with closing(core.database):
                count = core.log.rebuild()
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} records were read again.")


@central.command(
    "train-dictionary",
    epilog="Example: nezlam central train-dictionary household.registered --values katottg.txt",
)
@config_option
@click.argument("kind")
@click.option(
    "--values",
    "lists",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A public list of codes, one a line, that the records use.",
)
def train_dictionary(config_file: Path, kind: str, lists: tuple[Path, ...]) -> None:
    """Learn from records what many nodes write, so that it costs fewer bytes from then on.

    Only values that several nodes wrote, or that stand in a public list, enter a dictionary.
    """
    config = config_of(config_file)
    try:
        public = [path.read_text("utf-8").split() for path in lists]
        with closing(assembly.open_database(config)) as database:
            trained = dictionary.train_from(database, kind, public)
        folder = dictionary.DictionaryFolder(config.data / "dictionaries")
        path = folder.keep(trained.dictionary)
        is_sent = catalogue.send_dictionary(config, path, kind)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"A list of values cannot be read: {error}.") from error
    click.echo(
        f"{path.name}: {len(trained.dictionary.encoded):,} bytes, learned from"
        f" {trained.records:,} records of {trained.nodes} nodes."
        + (" Nodes fetch it by themselves." if is_sent else "")
    )


def _restore(config: Config, folder: Path) -> int:
    core = assembly.open_core(config)
    with closing(core.database):
        if queries.overview(core.database, frozenset(), clock.wall_ms()).nodes:
            raise BackupError("The database holds records already: restore into an empty one.")
        count = backup.restore(folder, core.log, core.intake, core.dictionaries)
        core.believed.save()
        return count


def _answers(config: Config) -> bool:
    """Whether a central serves its operations page; one that was killed left its file behind."""
    try:
        ready = json.loads((config.data / "ready.json").read_text("utf-8"))
        requests.get(f"{ready['ops']}healthz", timeout=_ANSWER_TIMEOUT_S).raise_for_status()
    except (OSError, ValueError, KeyError, TypeError, requests.RequestException):
        return False
    return True


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
