"""The ``nezlam provision`` command: what a technician does before a node leaves."""

from pathlib import Path

import click

from provisioning import authority as authorities
from provisioning import catalogue, clock, enrolment, renewal
from provisioning.errors import ProvisioningError
from sync.wire import repository

_PASSPHRASE_BYTES_MAX = 1024

_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the passphrase from this file's first line instead of asking for it.",
)
_authority_option = click.option(
    "--authority",
    "authority_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder that nezlam provision authority made.",
)
_to_option = click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="An empty or new folder.",
)


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
@_passphrase_option
def authority(folder: Path, passphrase_file: Path | None) -> None:
    """Make the offline root and the issuing CA, their keys encrypted with a passphrase."""
    passphrase = _passphrase(passphrase_file)
    now = clock.now()
    root = authorities.new_root(now)
    issuing = authorities.new_issuing(root, now)
    try:
        authorities.save(folder, root, issuing, passphrase)
        catalogue.save(folder, catalogue.new_keys(), passphrase, now)
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"The authority lies in {folder}. Copy {authorities.ROOT}.key to a stick, lock it away,"
        " and delete it here; hand out only the .crt files. Do the same with the three"
        f" {catalogue.FOLDER}/root-*.key, each on a stick of its own: any two replace every other"
        " key of the catalogue."
    )


@provision.command(
    epilog="Example: nezlam provision central --authority /media/safe/authority"
    " --to /etc/nezlam/central --host central.example.org"
)
@_authority_option
@_to_option
@click.option(
    "--host",
    "hosts",
    multiple=True,
    required=True,
    help="A name or address by which nodes dial the broker; may be given more than once.",
)
@_passphrase_option
def central(
    authority_folder: Path, folder: Path, hosts: tuple[str, ...], passphrase_file: Path | None
) -> None:
    """Make the keys and certificates of a central and its broker."""
    now = clock.now()
    try:
        passphrase = _known_passphrase(passphrase_file)
        signing = enrolment.open_signing(authority_folder, passphrase, now)
        enrolment.enrol_central(folder, signing, hosts, now)
        catalogue.hand_over(authority_folder, folder, passphrase)
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Central's keys lie in {folder}. Keep a copy of opening.key offline.")


@provision.command(
    epilog="Example: nezlam provision enrol kharkiv-07 --authority /media/safe/authority"
    " --central /etc/nezlam/central --to /media/stick/kharkiv-07"
)
@click.argument("node_id")
@_authority_option
@click.option(
    "--central",
    "central_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder of central's keys; its fleet list grows by this node.",
)
@_to_option
@_passphrase_option
def enrol(
    node_id: str,
    authority_folder: Path,
    central_folder: Path,
    folder: Path,
    passphrase_file: Path | None,
) -> None:
    """Make the keys and certificate of a node, and enter it into the fleet."""
    now = clock.now()
    try:
        signing = enrolment.open_signing(authority_folder, _known_passphrase(passphrase_file), now)
        enrolment.enrol_node(folder, node_id, central_folder, signing, now)
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The keys of {node_id} lie in {folder}. Move them to the node, and keep no copy.")


@provision.command(
    epilog="Example: nezlam provision renew /media/stick/kharkiv-07 --authority"
    " /media/safe/authority"
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@_authority_option
@_passphrase_option
def renew(folder: Path, authority_folder: Path, passphrase_file: Path | None) -> None:
    """Make new TLS certificates for a node or a central, from those in FOLDER.

    Of a node, node.crt is enough there: its other keys need not leave it.
    """
    now = clock.now()
    try:
        signing = enrolment.open_signing(authority_folder, _known_passphrase(passphrase_file), now)
        names = enrolment.renew(folder, signing, now)
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    files = ", ".join(f"{name}.crt and {name}.key" for name in names)
    if "node" in names:
        click.echo(f"Move {files} to the node's folder of keys. It uses them without a restart.")
    else:
        click.echo(f"{files} are new. Start central again.")


@provision.command(
    "renew-catalogue",
    epilog="Example: nezlam provision renew-catalogue --authority /media/safe/authority"
    " --central /etc/nezlam/central --role timestamp --role snapshot",
)
@_authority_option
@click.option(
    "--central",
    "central_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder of central's keys.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([*repository.OFFLINE, *repository.ONLINE]),
    help="Whose key is replaced; may be given more than once, or not at all.",
)
@_passphrase_option
def renew_catalogue(
    authority_folder: Path,
    central_folder: Path,
    roles: tuple[str, ...],
    passphrase_file: Path | None,
) -> None:
    """Replace keys of the catalogue, by two of its three root keys, and sign it anew."""
    passphrase = _known_passphrase(passphrase_file)
    try:
        renewal.renew(authority_folder, central_folder, roles, passphrase, clock.now())
    except ProvisioningError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        "The catalogue is signed anew. Lock the root keys away again; what an offline key that was"
        " replaced had published must be published once more."
    )


def _known_passphrase(file: Path | None) -> bytes:
    return _passphrase(file, confirm=False)


def _passphrase(file: Path | None, *, confirm: bool = True) -> bytes:
    """Never an argument: other users of the machine can read those."""
    if file is None:
        typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)
        return typed.encode()
    try:
        with file.open("rb") as opened:
            return opened.readline(_PASSPHRASE_BYTES_MAX).rstrip(b"\r\n")
    except OSError as error:
        raise click.ClickException(
            f"{file} cannot be read ({error.strerror}): check its permissions."
        ) from error
