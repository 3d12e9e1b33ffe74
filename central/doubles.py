"""The ``nezlam central doubles`` commands: what nodes ask, who may be one, and the answer."""

import csv
import sys
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import Connection, select

from central import assembly, clock
from central.errors import CentralError
from central.options import config_of, config_option
from central.store import doubles as store
from central.store.tables import households, persons
from sync.wire.kinds.doubles import Answer, HouseholdCompared

COLUMNS = ("tax id", "organisation", "category", "currency", "amount", "start", "end")
_PLACE = ("node_id", "epoch", "lane", "seq")


@click.group()
def doubles() -> None:
    """Households that may have been registered twice, over all nodes."""


@doubles.command("list", epilog="Example: nezlam central doubles list")
@config_option
def questions(config_file: Path) -> None:
    """List what nodes ask, with all that central finds alike. Names nobody."""
    try:
        with (
            closing(assembly.open_database(config_of(config_file))) as database,
            database.reading() as connection,
        ):
            for one in store.questions(connection):
                click.echo(f"{one.about} {one.other}  asked by {one.node_id}")
                for name, found in store.find(connection, one.about).items():
                    click.echo(f"  {name}  {found.score}: {', '.join(found.why)}")
    except CentralError as error:
        raise click.ClickException(str(error)) from error


@doubles.command(epilog="Example: nezlam central doubles answer node-7-0a-1-5 node-8-3d-1-2 same")
@config_option
@click.argument("about")
@click.argument("other")
@click.argument("said", type=click.Choice([Answer.SAME.value, Answer.DIFFERENT.value]))
@click.option("--by", default="central", show_default=True, help="Who says so.")
def answer(config_file: Path, about: str, other: str, said: str, by: str) -> None:
    """Say whether two households are one; the nodes show it on both pages."""
    record = HouseholdCompared(about, said, by, other)
    try:
        with (
            closing(assembly.open_database(config_of(config_file))) as database,
            database.writing() as connection,
        ):
            nodes = store.answer(connection, record, clock.wall_ms())
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"It lies in the mailbox of {', '.join(nodes)}.")


@doubles.command(epilog="Example: nezlam central doubles export > dedup.csv")
@config_option
def export(config_file: Path) -> None:
    """Write everybody who has a tax number as CSV, for comparing with other partners' lists.

    What central does not know stays empty.
    """
    try:
        with (
            closing(assembly.open_database(config_of(config_file))) as database,
            database.reading() as connection,
        ):
            rows = export_rows(connection)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    table = csv.writer(sys.stdout)
    table.writerow(COLUMNS)
    table.writerows(rows)


def export_rows(connection: Connection) -> list[tuple[str, ...]]:
    """One row a tax number and node; ``COLUMNS`` says what is in it."""
    for_each = [households.c[name] == persons.c[name] for name in _PLACE]
    asked = (
        select(persons.c.tax_number, persons.c.node_id)
        .select_from(
            households.join(persons, for_each[0] & for_each[1] & for_each[2] & for_each[3])
        )
        .where(persons.c.tax_number.is_not(None), households.c.removed.is_(False))
        .distinct()
        .order_by(persons.c.tax_number, persons.c.node_id)
    )
    return [(tax, node, "", "", "", "", "") for tax, node in connection.execute(asked)]
