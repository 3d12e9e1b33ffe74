"""The ``nezlam provision`` command: what a technician does before a node leaves."""

from pathlib import Path

import click

from provisioning import authority as authorities
from provisioning import clock
from provisioning.errors import ProvisioningError

_PASSPHRASE_BYTES_MAX = 1024


@click.group()
def provision() -> None:
    """Make keys, certificates and kits, before a node leaves and after it dies."""


@provision.command(epilog="Example: nezlam provision authority --dir /media/safe/authority")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="An empty or new folder, best on a stick that is then locked away.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the passphrase from this file's first line instead of asking for it.",
)
def authority(folder: Path, passphrase_file: Path | None) -> None:
    """Make the offline root and the issuing CA, their keys encrypted with a passphrase."""
    passphrase = _passphrase(passphrase_file)
    now = clock.now()
    root = authorities.new_root(now)
    issuing = authorities.new_issuing(root, now)
    try:
        authorities.save(folder, root, issuing, passphrase)
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"The authority lies in {folder}. Copy {authorities.ROOT}.key to a stick, lock it away,"
        " and delete it here; hand out only the .crt files."
    )


def _passphrase(file: Path | None) -> bytes:
    """Never an argument: other users of the machine can read those."""
    if file is None:
        typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
        return typed.encode()
    try:
        with file.open("rb") as opened:
            return opened.readline(_PASSPHRASE_BYTES_MAX).rstrip(b"\r\n")
    except OSError as error:
        raise click.ClickException(
            f"{file} cannot be read ({error.strerror}): check its permissions."
        ) from error
