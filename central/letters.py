"""The ``nezlam central`` commands that speak to nodes: decide, message, command."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import Connection, select

from central import assembly, clock
from central.errors import CentralError, LogRefusedError
from central.fleet import Fleet
from central.options import config_of, config_option
from central.store import letters, sharing
from central.store.application_tables import applications
from central.store.tables import households
from sync.wire.kinds.answers import (
    TEXT_CHARS_MAX,
    Act,
    CommandGiven,
    MessageSent,
    Outcome,
    RecordDecided,
)
from sync.wire.records import Record

_by_option = click.option("--by", default="central", show_default=True, help="Who says so.")


@click.command(epilog='Example: nezlam central decide node-7-0a1b2c-1-5 approved --text "Прийдіть"')
@config_option
@click.argument("public_id")
@click.argument("outcome", type=click.Choice([one.value for one in Outcome]))
@click.option("--text", default="", help="What the people concerned are told.")
@_by_option
def decide(config_file: Path, public_id: str, outcome: str, text: str, by: str) -> None:
    """Decide on a record; its node shows the answer on the record's page."""
    decided = RecordDecided(public_id, outcome, _short(text), by)

    _send(config_file, lambda connection: (_node_of(connection, public_id), decided))


@click.command(epilog='Example: nezlam central message node-7 "Bread comes on Friday."')
@config_option
@click.argument("node")
@click.argument("text")
@_by_option
def message(config_file: Path, node: str, text: str, by: str) -> None:
    """Say something to the staff of a node."""
    said = MessageSent(_short(text), by)
    _send(config_file, lambda _: (node, said))


@click.command(epilog="Example: nezlam central command node-7 report_diagnostics")
@config_option
@click.argument("node")
@click.argument("act", type=click.Choice([one.value for one in Act]))
@click.option(
    "--keep-hours", type=click.IntRange(1, 8760), help="set_policy: of confirmed records."
)
@_by_option
def command(config_file: Path, node: str, act: str, keep_hours: int | None, by: str) -> None:
    """Let a node do one of a few things; its answer is a record."""
    if act == Act.SET_POLICY and keep_hours is None:
        raise click.UsageError("set_policy needs --keep-hours.")
    given = CommandGiven(act, by, keep_hours)
    _send(config_file, lambda _: (node, given))


@click.command(epilog="Example: nezlam central share node-7-0a1b2c-1-5 node-8")
@config_option
@click.argument("public_id")
@click.argument("node")
def share(config_file: Path, public_id: str, node: str) -> None:
    """Let another node hold a household too: it comes down, and so does every later edit."""
    _send(config_file, lambda connection: (node, sharing.whole(connection, public_id)))


def _send(config_file: Path, letter: Callable[[Connection], tuple[str, Record]]) -> None:
    config = config_of(config_file)
    try:
        fleet = Fleet(config.keys / "fleet.json")
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            node_id, record = letter(connection)
            if node_id not in fleet.nodes:
                raise LogRefusedError(f"{node_id} is not in the fleet list: check its name.")
            letters.write(connection, node_id, record, clock.wall_ms())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"It lies in the mailbox of {node_id} and goes when the node is there.")


def _node_of(connection: Connection, public_id: str) -> str:
    for table in (households, applications):
        found = select(table.c.node_id).where(table.c.public_id == public_id)
        node_id = connection.execute(found).scalar()
        if node_id is not None:
            return str(node_id)
    raise LogRefusedError(f"Central holds no record {public_id}: check the number.")


def _short(text: str) -> str:
    if len(text) > TEXT_CHARS_MAX:
        raise click.UsageError(f"The text is too long: at most {TEXT_CHARS_MAX} characters.")
    return text
