"""The ``nezlam demo`` command: everything embedded, with a switch that cuts the link."""

import json
import os
import secrets
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from tqdm import tqdm

from provisioning.demo import sample_document
from provisioning.demo.browser import Account, PageError, StaffBrowser
from provisioning.demo.control import ControlServer, create_app
from provisioning.demo.people import Sample
from provisioning.demo.story import BEFORE, Story
from provisioning.demo.village import DemoError, Ports, Village, free_or_any
from provisioning.errors import ProvisioningError

LOOK_EVERY_S = 1.0
_BAR = "{bar:20} {desc}"
USUAL = Ports(node=8300, ops=8400, control=8500)

_WORDS = (
    *("осінь", "берег", "клен", "зерно", "місток", "ранок"),
    *("стежка", "вогник", "сад", "криниця", "поле", "вітер"),
)


@click.command(epilog="Example: nezlam demo --once")
@click.option("--once", is_flag=True, help="Play the whole story unattended, print it as JSON.")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="demo-data",
    show_default=True,
    help="Where the demo keeps its keys and records.",
)
def demo(once: bool, folder: Path) -> None:
    """Start broker, central and one node here, with ten households and a link to cut.

    Ctrl-C stops everything. With --once: exit 0 if every promise was kept, else 1.
    """
    os.umask(0o077)
    stop = threading.Event()
    _stop_on_signals(stop)
    try:
        if once:
            _play_once(stop)
        else:
            _stay(Village(folder, USUAL), stop)
    except (DemoError, PageError, ProvisioningError, OSError) as error:
        if stop.is_set() and not once:
            return  # asked to end while it was starting
        raise click.ClickException(str(error)) from error


def _play_once(stop: threading.Event) -> None:
    with tempfile.TemporaryDirectory(prefix="nezlam-demo-") as folder:
        village = Village(Path(folder), Ports())
        document = sample_document.make(village.folder)
        try:
            village.start(stop, lambda _: None)
            account = _account(village.folder)
            told = Story(village, account, stop).play(village.node.setup_code or "", document)
        finally:
            village.stop()
    click.echo(json.dumps(told, ensure_ascii=False))
    if told["broken"]:
        raise SystemExit(1)


def _stay(village: Village, stop: threading.Event) -> None:
    document = sample_document.make(village.folder)
    control = None
    try:
        account = _account(village.folder)
        with tqdm(total=3 + BEFORE, file=sys.stderr, leave=False, bar_format=_BAR) as bar:
            village.start(stop, lambda step: _advance(bar, step))
            _settle_in(village, account, bar)
        control = ControlServer(create_app(village, account, document), free_or_any(USUAL.control))
        control.start()
        _tell(village, control, account)
        while not stop.wait(LOOK_EVERY_S):
            if not village.is_alive:
                raise DemoError(f"A part of the demo has ended: look into {village.folder}.")
    finally:
        click.echo("Stopping.")
        if control is not None:
            control.stop()
        village.stop()


def _settle_in(village: Village, account: Account, bar: "tqdm[Any]") -> None:
    """Make the account and the households on the first run; later runs go on with theirs."""
    setup_code = village.node.setup_code
    if setup_code is None:
        return
    village.publish_services()
    staff = StaffBrowser(village.node_address)
    staff.set_up(account, setup_code)
    for number in range(BEFORE):
        _advance(bar, "households")
        staff.register(Sample(number).fields())


def _advance(bar: "tqdm[Any]", step: str) -> None:
    bar.set_description_str(step, refresh=False)
    bar.update()


def _tell(village: Village, control: ControlServer, account: Account) -> None:
    places = {
        USUAL.node: village.node_address,
        USUAL.ops: village.ops_address,
        USUAL.control: control.address,
    }
    for port, address in places.items():
        if urlsplit(address).port != port:
            click.echo(f"Port {port} is taken by another program: use {address} instead.")
    click.echo(
        f"""
The relief centre:  {village.node_address}
    sign in as      {account.name}
    passphrase      {account.passphrase}
The link's switch:  {control.address}
Operations:         {village.ops_address}
Broker:             port {village.broker_port}, the node dials it through port {village.switch.port}
Everything is kept in {village.folder}. Ctrl-C stops it.
"""
    )


def _account(folder: Path) -> Account:
    """The demo's one account; its passphrase lies open here, which no real node does."""
    path = folder / "account.json"
    if not path.exists():
        words = " ".join(secrets.choice(_WORDS) for _ in range(4))
        path.write_text(json.dumps({"name": "Олена Коваль", "passphrase": words}), "utf-8")
    return Account(**json.loads(path.read_text("utf-8")))


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else started with nohup
        signal.signal(signal.SIGHUP, ask)
