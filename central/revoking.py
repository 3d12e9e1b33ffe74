"""The ``nezlam central revoke`` command: an eDocument is believed no more."""

from contextlib import closing
from pathlib import Path

import click

from central import assembly, clock
from central import config as configs
from central.errors import CentralError
from central.store import revoked
from sync.settings import SettingsError
from sync.wire.errors import MalformedError


@click.command(epilog="Example: nezlam central revoke node-7-0a1b2c-2-5")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="central.toml",
    show_default=True,
    help="Central's settings.",
)
@click.argument("number")
def revoke(config_file: Path, number: str) -> None:
    """Revoke the eDocument of this number, for ever; nodes hear of it with the catalogue."""
    try:
        config = configs.read(config_file)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    try:
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            revoked.revoke(connection, number, clock.wall_ms(), by_central=True)
    except MalformedError as error:
        raise click.UsageError(f"{number} is not the number of an eDocument.") from error
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{number} is revoked. A running central publishes it within seconds.")
