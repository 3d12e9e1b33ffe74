"""The ``nezlam node`` command: run a node, ask how it is, unlock it, wipe it."""

import json
import re
import sqlite3
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import requests
from sqlite_utils import Database

from edge import certificate as certificates
from edge import clock, gauge, neighbours, wiping
from edge import config as configs
from edge import node as nodes
from edge.certificate import Certificate
from edge.config import Config
from edge.errors import NodeError
from edge.web import PortError
from localservices.verification.neighbours.commands import Door, api_key
from localservices.verification.neighbours.keys import ApiKeys
from sync import logs
from sync.settings import SettingsError
from sync.store import streams
from sync.wire.lanes import DURABLE

_UNLOCK_TIMEOUT_S = 30  # Argon2id takes its time on a small machine

_config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="node.toml",
    show_default=True,
    help="The node's settings.",
)


@click.group()
def node() -> None:
    """Run the node of a relief centre or of a field team."""


@node.command(epilog="Example: nezlam node run --config /etc/nezlam/node.toml")
@_config_option
def run(config_file: Path) -> None:
    """Serve the pages and send to central, until Ctrl-C or SIGTERM."""
    config = _config(config_file)
    logs.configure()
    stop = threading.Event()
    nodes.stop_on_signals(stop)
    try:
        nodes.run(config, click.echo, stop)
    except (NodeError, PortError) as error:
        raise click.ClickException(str(error)) from error


@dataclass(frozen=True, slots=True)
class Status:
    """``web`` is None while the node does not run; lanes are records written, held, waiting."""

    node: str
    running: bool
    web: str | None
    lanes: dict[str, dict[str, int]]
    progress: dict[str, object] | None  # as its process last told; None while it does not run
    certificate: Certificate | None  # its own, for TLS; None: unreadable


@node.command(epilog="Example: nezlam node status --json")
@_config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(config_file: Path, as_json: bool) -> None:
    """Say whether the node runs, and how much waits for central. Exit 1: it does not run."""
    found = _status(_config(config_file))
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo(f"{found.node} runs at {found.web}" if found.running else f"{found.node} is off")
        for name, lane in found.lanes.items():
            click.echo(f"  {name}: {lane['held']} of {lane['written']} at central")
        if found.progress is not None:
            click.echo(gauge.sentence(found.progress))
        own = found.certificate
        if own is not None and (advice := certificates.sentence(own, clock.wall_ms())):
            click.echo(advice)
    if not found.running:
        raise SystemExit(1)


@node.command(epilog="Example: nezlam node unlock --name 'Olena Koval'")
@_config_option
@click.option("--name", prompt=True, help="Who unlocks: a member of staff.")
def unlock(config_file: Path, name: str) -> None:
    """Sign in from this shell, so that the working set opens."""
    web = _status(_config(config_file)).web
    if web is None:
        raise click.ClickException("The node does not run: start it with nezlam node run.")
    passphrase = click.prompt("Passphrase", hide_input=True)
    with requests.Session() as browser:
        try:
            page = browser.get(f"{web}sign-in", timeout=_UNLOCK_TIMEOUT_S).text
            token = re.search(r'name="csrf_token" value="([^"]+)"', page)
            fields = {"name": name, "passphrase": passphrase, "csrf_token": token and token[1]}
            answer = browser.post(
                f"{web}sign-in", data=fields, timeout=_UNLOCK_TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            raise click.ClickException(f"The node at {web} does not answer: try again.") from error
    if answer.status_code != 303:
        raise click.ClickException("No account opens with this name and passphrase.")
    click.echo("Unlocked, until nobody uses it for a while.")


@node.command(epilog="Example: nezlam node wipe")
@_config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def wipe(config_file: Path, yes: bool) -> None:
    """Destroy this node's keys and data, at once and for ever."""
    config = _config(config_file)
    if not yes:
        typed = click.prompt(f"Type the node's id ({config.node}) to destroy it")
        if typed != config.node:
            raise click.ClickException("That is not this node's id; nothing was touched.")
    stubborn = wiping.wipe(config)
    if stubborn:
        raise click.ClickException(f"Not everything could be removed: {', '.join(stubborn)}.")
    click.echo(f"{config.node} is wiped. Take it off central's fleet list too.")


def _config(file: Path) -> Config:
    try:
        return configs.read(file)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _api_keys(config_file: Path) -> ApiKeys:
    return neighbours.keys_of(_config(config_file))


node.add_command(api_key(Door("node", _config_option, _api_keys, clock.wall_ms)))


def _status(config: Config) -> Status:
    try:
        ready = json.loads((config.data / "ready.json").read_text("utf-8"))
        web = str(ready["web"])
        requests.get(f"{web}health", timeout=5).raise_for_status()
    except (OSError, ValueError, KeyError, TypeError, requests.RequestException):
        web = None
    lanes = _lanes(config.data / "outbox.db")
    progress = None if web is None else _progress(config.data / "progress.json")
    return Status(
        config.node, web is not None, web, lanes, progress, certificates.read(config.keys)
    )


def _progress(path: Path) -> dict[str, object] | None:
    try:
        told: dict[str, object] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told


def _lanes(outbox: Path) -> dict[str, dict[str, int]]:
    if not outbox.exists():
        return {}
    db = Database(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True))
    try:
        tracks = streams.tracks(db)
    except sqlite3.Error as error:
        raise click.ClickException(f"{outbox} cannot be read: {error}.") from error
    finally:
        db.close()
    lanes: dict[str, dict[str, int]] = {}
    for lane in DURABLE:
        mine = [track for track in tracks if track.stream.lane is lane]
        written, held = sum(t.newest for t in mine), sum(t.held for t in mine)
        lanes[lane.name.lower()] = {"written": written, "held": held, "waiting": written - held}
    return lanes
