"""``nezlam central applications``: what people asked for, and what they can prove to have asked."""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from central import assembly, clock, neighbours
from central.config import Config
from central.errors import CentralError, ServiceError
from central.options import config_of, config_option
from central.store import applications
from central.store.applications import Claim

_RECEIPT_BYTES_MAX = 16 * 1024
_BELIEVED = ("valid", "stale_data")  # a receipt proves what was, whatever lists say today


@click.group("applications")
def group() -> None:
    """List applications, or take the receipt of one whose record never came."""


@group.command("list", epilog="Example: nezlam central applications list --service cash-assistance")
@config_option
@click.option("--service", help="Only those for this service.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def listing(config_file: Path, service: str | None, as_json: bool) -> None:
    """Say what was filed, the newest first."""
    config = config_of(config_file)
    try:
        with closing(assembly.open_database(config)) as database, database.reading() as connection:
            found = applications.newest(connection, service)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    for one in found:
        how = "its record is here" if one.is_here else "by receipt; its record has not come"
        how = "RECORD AND RECEIPT DIFFER" if one.is_other else how
        click.echo(json.dumps(asdict(one)) if as_json else f"{one.public_id}  {one.service}  {how}")


@group.command(epilog="Example: nezlam central applications claim NZ1:NCFOXN...")
@config_option
@click.argument("receipt")
def claim(config_file: Path, receipt: str) -> None:
    """Honour RECEIPT, the text of its code or a file with it, though no record has come.

    Exit 1: it is not genuine, and nothing was kept.
    """
    config = config_of(config_file)
    try:
        made = _judged(config, _text(receipt))
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            fresh = applications.claim(connection, made, clock.wall_ms())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    known = "" if fresh else " It was shown before."
    click.echo(f"{made.public_id}, {made.title}: filed {made.filed}.{known}")


def _judged(config: Config, text: str) -> Claim:
    """Raises ServiceError: it is no genuine receipt of a node of this authority."""
    verdict = neighbours.judged(config, text)
    said = dict(verdict.claims)
    if verdict.state not in _BELIEVED or verdict.document_type != "receipt":
        raise ServiceError(f"This is no receipt that central can believe: {verdict.state}.")
    return Claim(
        said["number"],
        bytes.fromhex(said["record"]),
        said["service"],
        said["asked"],
        said.get("filed_since", ""),
        said["filed"],
        text,
    )


def _text(said: str) -> str:
    path = Path(said) if len(said) < 255 else None
    try:
        if path is not None and path.is_file():
            return path.read_bytes()[:_RECEIPT_BYTES_MAX].decode("utf-8", "replace").strip()
    except OSError as error:
        raise ServiceError(f"{said} cannot be read ({error.strerror}).") from error
    return said.strip()
