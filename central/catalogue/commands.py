"""``nezlam central publish`` and ``rotate-keys``: what all nodes take from central."""

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central import claim, clock
from central.catalogue import publisher, rotation
from central.catalogue.publisher import Publisher
from central.config import Config
from central.errors import CentralError
from central.options import config_of, config_option
from sync.transport import catalogue_stick
from sync.wire.repository import DICTIONARIES

_PASSPHRASE_BYTES_MAX = 1024

_key_option = click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The key of who may publish this, if it is not at central.",
)
_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the key's passphrase from this file's first line instead of asking for it.",
)


@click.command(
    epilog="Example: nezlam central publish eu.json --as trust/lists/eu.json"
    " --key /media/safe/authority/catalogue/trust.key"
)
@config_option
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option("--as", "target", help="Its name in the catalogue, as trust/lists/eu.json.")
@_key_option
@_passphrase_option
@click.option("--refresh", is_flag=True, help="Only sign anew what ends soon; FILE is not needed.")
def publish(
    config_file: Path,
    file: Path | None,
    target: str | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    refresh: bool,
) -> None:
    """Put FILE in force for every node, under a name that its authority may use."""
    if refresh == (file is not None) or (file is None) != (target is None):
        raise click.UsageError("Give FILE and --as NAME, or --refresh alone.")
    store = of(config_of(config_file))
    try:
        if file is None or target is None:
            store.refresh(clock.utc(), now_or_never=True)
            click.echo("The catalogue is fresh.")
            return
        key = None if key_file is None else open_key(key_file, passphrase_file)
        done = store.publish(file, target, key, clock.utc())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    delta = "" if done.delta_length is None else f", {done.delta_length} for who has the last one"
    click.echo(f"{target} is in force: {done.length} bytes{delta}. Nodes fetch it by themselves.")


@click.command(
    "rotate-keys",
    epilog="Example: nezlam central rotate-keys"
    " --key /media/safe/authority/catalogue/central-keys.key",
)
@config_option
@_key_option
@_passphrase_option
def rotate_keys(config_file: Path, key_file: Path | None, passphrase_file: Path | None) -> None:
    """Draw new keys for central, while it is stopped; nodes learn them from the catalogue."""
    config = config_of(config_file)
    try:
        key = None if key_file is None else open_key(key_file, passphrase_file)
        with claim.held(config.data):
            rotation.rotate(config.keys, of(config), key, clock.utc())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Central has new keys: start it. Keep copies of opening.key and of {config.keys / 'old'}"
        " offline; nodes take the new keys by themselves, whenever they come."
    )


def of(config: Config) -> Publisher:
    return Publisher(config.catalogue, config.keys / "catalogue")


def send_dictionary(config: Config, file: Path, kind: str) -> bool:
    """Publish what batches of ``kind`` are packed with; False: this central has no catalogue.

    Under the kind's name, so that a newer one takes its place and only what changed travels.
    Raises PublishError.
    """
    published = of(config)
    if not published.is_enrolled:
        return False
    published.publish(file, f"{DICTIONARIES}{kind}", None, clock.utc())
    return True


def onto_stick(config: Config, stick: Path) -> None:
    """Leave the catalogue on a courier's stick, if there is one.

    Raises:
        PublishError, StickError: it cannot be read, or the stick takes nothing.
    """
    published, now = of(config), clock.utc()
    if published.is_enrolled:
        timestamp = published.for_the_road(now)
        catalogue_stick.load(config.catalogue, published.names(now), timestamp, stick)


def open_key(file: Path, passphrase_file: Path | None) -> Ed25519PrivateKey:
    """Ask for the passphrase unless the key has none. Raises PublishError."""
    try:
        data = file.read_bytes()
        if b"ENCRYPTED" not in data:
            return publisher.read_key(file, None)
        if passphrase_file is not None:
            with passphrase_file.open("rb") as opened:
                line = opened.readline(_PASSPHRASE_BYTES_MAX).rstrip(b"\r\n")
            return publisher.read_key(file, line)
    except OSError as error:
        raise click.ClickException(
            f"{error.filename} cannot be read ({error.strerror})."
        ) from error
    typed: str = click.prompt("Passphrase", hide_input=True)
    return publisher.read_key(file, typed.encode())
