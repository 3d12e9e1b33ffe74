"""``api-key add | list | remove``, as the node and central each offer it for their own keys."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from localservices.verification.neighbours.keys import ApiKeys, KeysError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Door:
    """Whose command it is: its name, its option ``--config``, and the keys by that file."""

    name: str
    config_option: Callable[[Callable[..., Any]], Callable[..., Any]]
    opened: Callable[[Path], ApiKeys]
    now_ms: Callable[[], int]


def api_key(door: Door) -> click.Group:
    @click.group("api-key")
    def group() -> None:
        """Keys with which neighbours' verifiers ask here."""

    for command in (_add(door), _list(door), _remove(door)):
        group.add_command(command)
    return group


def _add(door: Door) -> click.Command:
    @click.command(epilog=f"Example: nezlam {door.name} api-key add --name 'Polish border guard'")
    @door.config_option
    @click.option("--name", required=True, help="Who gets it; checks are written down under it.")
    @click.option(
        "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it serves (UTC)."
    )
    def add(config_file: Path, name: str, until: datetime | None) -> None:
        """Make a key and print it, once: it cannot be shown again."""
        keys = door.opened(config_file)
        text = _done(lambda: keys.add(name, until and until.date(), door.now_ms()))
        click.echo("Hand it on by a way that nobody listens to. It is not shown again.", err=True)
        click.echo(text)

    return add


def _list(door: Door) -> click.Command:
    @click.command("list", epilog=f"Example: nezlam {door.name} api-key list --json")
    @door.config_option
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    def listing(config_file: Path, as_json: bool) -> None:
        """Say which keys there are, and when each was last used."""
        found = [key.plain() for key in _done(door.opened(config_file).all)]
        if as_json:
            click.echo(json.dumps({"keys": found}, ensure_ascii=False))
            return
        for key in found:
            until, used = key["until"] or "it is removed", key["used"] or "never"
            click.echo(f"{key['name']}: made {key['made']}, serves until {until}, used {used}")

    return listing


def _remove(door: Door) -> click.Command:
    @click.command(
        epilog=f"Example: nezlam {door.name} api-key remove --name 'Polish border guard'"
    )
    @door.config_option
    @click.option("--name", required=True, help="As the list has it.")
    def remove(config_file: Path, name: str) -> None:
        """Take a key back; it opens nothing from now on."""
        _done(lambda: door.opened(config_file).remove(name))
        click.echo(f"The key named {name!r} opens nothing any more.")

    return remove


def _done(act: Callable[[], T]) -> T:
    try:
        return act()
    except KeysError as error:
        raise click.ClickException(str(error)) from error
