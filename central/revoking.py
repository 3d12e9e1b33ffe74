"""The ``nezlam central revoke`` command: an eDocument is believed no more."""

from contextlib import closing
from pathlib import Path

import click

from central import assembly, clock
from central.errors import CentralError
from central.options import config_of, config_option
from central.store import revoked
from sync.wire.errors import MalformedError


@click.command(epilog="Example: nezlam central revoke node-7-0a1b2c-2-5")
@config_option
@click.argument("number")
def revoke(config_file: Path, number: str) -> None:
    """Revoke the eDocument of this number, for ever; nodes hear of it with the catalogue."""
    config = config_of(config_file)
    try:
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            revoked.revoke(connection, number, clock.wall_ms(), by_central=True)
    except MalformedError as error:
        raise click.UsageError(f"{number} is not the number of an eDocument.") from error
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{number} is revoked. A running central publishes it within seconds.")
