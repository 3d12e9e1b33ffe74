"""The ``nezlam central registry`` commands: build one, publish what changed, let nodes look."""

import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from central import assembly, clock
from central.catalogue.publisher import Publisher
from central.config import Config
from central.errors import CentralError
from central.fleet import Fleet
from central.options import config_of, config_option
from central.registry import source
from central.registry.keeping import Folder, name_ok
from central.registry.source import Document
from central.store import letters
from sync.wire.kinds.registry import RegistryKeyGiven
from sync.wire.repository import REGISTRIES

_SLOW_MAX = 20


@click.group()
def registry() -> None:
    """Registries of documents that nodes look into without any link."""


@registry.command(epilog="Example: nezlam central registry build passports --from passports.csv")
@config_option
@click.argument("name")
@click.option(
    "--from",
    "origin",
    required=True,
    help="A CSV file with the columns type, number, born_on, status; or a database's URL.",
)
@click.option("--query", help="SQL that gives these columns, of a database.")
@click.option(
    "--slow",
    type=click.IntRange(0, _SLOW_MAX),
    default=0,
    show_default=True,
    help="log2 of scrypt's cost for each look, against who would try all numbers; 14: some 50 ms.",
)
@click.option("--anew", is_flag=True, help="A whole new base, though only some has changed.")
def build(
    config_file: Path,
    name: str,
    origin: str,
    query: str | None,
    slow: int,
    anew: bool,
) -> None:
    """Build the registry NAME from all its documents, or what has changed since; publish it."""
    config = config_of(config_file)
    if not name_ok(name):
        raise click.UsageError("A registry's name has letters, digits and hyphens.")
    folder = _folder(config, name)
    try:
        gone = folder.start_anew() if anew or folder.is_heavy else ()
        with click.progressbar(length=0, label="documents", file=sys.stderr) as bar:
            made = folder.build(_documents(origin, query), slow, _now_s(), bar.update)
        _publish(config, name, made.path, gone)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    size = made.path.stat().st_size
    click.echo(
        f"{made.documents:,} documents read, {made.changed:,} of them new or changed:"
        f" {made.path.name}, {size:,} bytes. Nodes fetch it by themselves;"
        f" `nezlam central registry allow {name} NODE` lets one look."
    )


@registry.command(epilog="Example: nezlam central registry allow passports kharkiv-07")
@config_option
@click.argument("name")
@click.argument("nodes", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Every node of the fleet list.")
def allow(config_file: Path, name: str, nodes: tuple[str, ...], everybody: bool) -> None:
    """Send the registry's key to nodes, sealed for each of them."""
    config = config_of(config_file)
    try:
        fleet = Fleet(config.keys / "fleet.json")
        chosen = sorted(fleet.nodes) if everybody else list(nodes)
        strangers = [node for node in chosen if node not in fleet.nodes]
        if strangers or not chosen:
            raise click.UsageError(
                f"{strangers[0]} is not in the fleet list." if strangers else "Name a node."
            )
        given = RegistryKeyGiven(name, _folder(config, name).key())
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            for node in chosen:
                letters.write(connection, node, given, clock.wall_ms())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The key of {name} goes to {len(chosen)} nodes when they are there.")


def _documents(origin: str, query: str | None) -> Iterable[Document]:
    if "://" not in origin:
        return source.of_csv(Path(origin))
    if query is None:
        raise click.UsageError("A database needs --query SQL.")
    return source.of_database(origin, query)


def _publish(config: Config, name: str, path: Path, gone: Iterable[str]) -> None:
    publisher, now = Publisher(config.catalogue, config.keys / "catalogue"), clock.utc()
    folder = f"{REGISTRIES}{name}/"
    for one in gone:
        publisher.withdraw(f"{folder}{one}", None, now)
    publisher.publish(path, f"{folder}{path.name}", None, now)


def _folder(config: Config, name: str) -> Folder:
    return Folder(config.data / "registries" / name, config.keys / f"registry-{name}.key", name)


def _now_s() -> int:
    return clock.wall_ms() // 1000
