"""The ``nezlam bench drain`` command."""

import json
import signal
import sys

import click

from edge.bench.drain.emulator import EmulatorError
from edge.bench.drain.processes import StageError
from edge.bench.drain.skies import SKIES


@click.command(epilog="Example: nezlam bench drain --link geo --json")
@click.option(
    "--link",
    "links",
    type=click.Choice(list(SKIES)),
    multiple=True,
    help="Only this link; may be given more than once.",
)
@click.option(
    "--records",
    "count",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="How many households wait in the outbox.",
)
@click.option("--alone", is_flag=True, help="Measure Nezlam only, not what it is compared with.")
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def drain(links: tuple[str, ...], count: int, alone: bool, wants_json: bool) -> None:
    """Drain a full outbox over emulated satellite links, beside other ways over the same ones.

    Makes network namespaces of its own, which takes root. Takes some minutes for each link.
    """
    from edge.bench.drain import campaign  # noqa: PLC0415  its people are an extra

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # namespaces outlive who forgets them
    try:
        found = campaign.run(links or tuple(SKIES), count, alone=alone)
    except (EmulatorError, StageError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(found.as_json()) if wants_json else found.as_text())
