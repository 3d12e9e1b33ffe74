"""``nezlam central service``: what people may apply for at every centre."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from central import clock
from central.catalogue import commands as catalogue
from central.catalogue.publisher import Publisher
from central.errors import CentralError, ServiceError
from central.options import config_of, config_option
from central.services import making
from sync.wire import services
from sync.wire.services import TARGETS, Service


@click.group()
def service() -> None:
    """Publish forms as services, list them, or take one back."""


@service.command(
    epilog="Example: nezlam central service publish cash.xlsx --manifest cash.json"
    "\n\nExample: nezlam central service publish --shipped"
)
@config_option
@click.argument("source", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What stands around the form; a folder as SOURCE has it inside.",
)
@click.option("--shipped", is_flag=True, help="Those that come with Nezlam, instead of SOURCE.")
def publish(config_file: Path, source: Path | None, manifest: Path | None, shipped: bool) -> None:
    """Check SOURCE, an XLSForm or a folder, and put it in force at every node."""
    if shipped == (source is not None):
        raise click.UsageError("Give SOURCE, or --shipped alone.")
    published = catalogue.of(config_of(config_file))
    try:
        for made in _made(source, manifest):
            put(published, made)
            said = made.manifest
            click.echo(f"{said.id} {said.version} is in force: {said.title['en']}.")
    except CentralError as error:
        raise click.ClickException(str(error)) from error


@service.command("list", epilog="Example: nezlam central service list --json")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def listing(config_file: Path, as_json: bool) -> None:
    """Say which services are in the catalogue, with all their versions."""
    try:
        names = catalogue.of(config_of(config_file)).in_force("forms", clock.utc())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    for name in sorted(names):
        _, identity, version = name.split("/")
        told = json.dumps({"service": identity, "version": version})
        click.echo(told if as_json else f"{identity} {version}")


@service.command(epilog="Example: nezlam central service withdraw bond-pledge 2026112401")
@config_option
@click.argument("name")
@click.argument("version")
def withdraw(config_file: Path, name: str, version: str) -> None:
    """Let a version of a service be offered no more. Exit 1: there is none such."""
    published = catalogue.of(config_of(config_file))
    try:
        was = published.withdraw(f"{TARGETS}{name}/{version}", None, clock.utc())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    if not was:
        raise click.ClickException(f"{name} {version} is not in the catalogue: see `list`.")
    click.echo(f"{name} {version} is offered no more, once nodes hear of it.")


def put(published: Publisher, made: Service) -> None:
    """Raises PublishError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "service"
        file.write_bytes(services.write(made))
        published.publish(file, made.target, None, clock.utc())


def _made(source: Path | None, manifest: Path | None) -> Iterable[Service]:
    """All are sound before the first is published. Raises ServiceError."""
    if source is None:
        return [making.of_folder(folder) for folder in making.shipped()]
    if source.is_dir():
        return [making.of_folder(source)]
    if manifest is None:
        raise ServiceError(f"{source.name} needs its manifest: give --manifest FILE.")
    return [making.of_file(source, manifest)]
