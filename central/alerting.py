"""The ``nezlam central`` commands for hazards: alert, news, short."""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import Connection

from central import alert_making, assembly, clock
from central.believed import Believed
from central.errors import CentralError
from central.fleet import Fleet
from central.options import config_of, config_option
from central.store import alerts, hazards
from central.store.database import Database
from sync.wire import cap, short
from sync.wire.errors import WireError
from sync.wire.hazard_codes import code_of
from sync.wire.kinds.alert import (
    HEADLINE_CHARS_MAX,
    TEXT_CHARS_MAX,
    AlertArea,
    AlertText,
    NewsPublished,
)
from sync.wire.sign import VerifyingKey

_FILE_BYTES_MAX = 4096

_by_option = click.option("--by", default="central", show_default=True, help="Who says so.")


@click.command(
    epilog="Example: nezlam central alert --event 'Міна' --headline 'Не ходіть до річки'"
    " --area 'Берег' --circle 50.45,30.52,2"
)
@config_option
@click.option("--event", required=True, help="What happens, in a few words.")
@click.option("--headline", required=True, help="What people must know, in one sentence.")
@click.option("--text", default="", help="More of it.")
@click.option("--language", type=click.Choice(cap.LANGUAGES), default="uk", show_default=True)
@click.option("--area", required=True, help="Where it holds, as people call the place.")
@click.option("--circle", help="LATITUDE,LONGITUDE,KILOMETRES; without it: every centre.")
@click.option("--polygon", help="'LAT,LON LAT,LON LAT,LON...' at least three corners.")
@click.option("--hours", type=click.IntRange(1, 720), default=24, show_default=True)
@click.option("--update", help="The identifier of the alert that this one replaces.")
@click.option("--cancel", help="The identifier of the alert that holds no more.")
def alert(config_file: Path, update: str | None, cancel: str | None, **said: str) -> None:
    """Give out an alert (CAP 1.2) to all centres in and around an area."""
    if update and cancel:
        raise click.UsageError("Say --update or --cancel, not both.")
    text = AlertText(said["language"], said["event"], said["headline"], said["text"])
    area = _area(said["area"], said["circle"], said["polygon"])
    now_ms = clock.wall_ms()
    fresh = alert_making.new_alert((text,), area, int(said["hours"]), now_ms)

    def give(connection: Connection, nodes: Iterable[str]) -> int:
        given = fresh
        if follows := update or cancel:
            before = alerts.find(connection, follows)
            given = alert_making.following(fresh, before, "Update" if update else "Cancel")
        return alerts.issue(connection, given, nodes, now_ms)

    count = _with_nodes(config_file, give)
    click.echo(f"{fresh.identifier} goes to {count} centres.")


@click.command(epilog="Example: nezlam central news --title 'Хліб' --text 'У п'ятницю о 9.'")
@config_option
@click.option("--title", required=True)
@click.option("--text", required=True)
@click.option("--region", default="", help="The first characters of a KATOTTG code.")
@_by_option
def news(config_file: Path, title: str, text: str, region: str, by: str) -> None:
    """Tell everybody at the centres of a region something."""
    if len(title) > HEADLINE_CHARS_MAX or len(text) > TEXT_CHARS_MAX:
        raise click.UsageError(
            f"Too long: a title has at most {HEADLINE_CHARS_MAX} characters,"
            f" a text {TEXT_CHARS_MAX}."
        )
    now_ms = clock.wall_ms()
    said = NewsPublished(title, text, by, now_ms // 1000, region)
    count = _with_nodes(config_file, lambda c, nodes: alerts.publish(c, said, nodes, now_ms))
    click.echo(f"It goes to {count} centres.")


@click.command("short", epilog="Example: nezlam central short NZLAQ7x...")
@config_option
@click.argument("said")
def take_short(config_file: Path, said: str) -> None:
    """Take a hazard report that came by SMS (its text) or by radio (a file of its bytes)."""
    config = config_of(config_file)
    try:
        data = _short_bytes(said)
        opening = assembly.opening_ring(config)
        with closing(assembly.open_database(config)) as database:
            fleet = Fleet(config.keys / "fleet.json")
            node_id, one = short.decode(data, opening, signers(fleet, database))
            with database.writing() as connection:
                fresh = hazards.take_short(connection, node_id, one, data, clock.wall_ms())
    except WireError as error:
        raise click.ClickException(f"Nothing was taken: {error}. Ask for it again.") from error
    except CentralError as error:
        raise click.ClickException(str(error)) from error
    state = "is here now" if fresh else "was here already"
    click.echo(f"Report {code_of(one.ref)} of {node_id} {state}.")


def signers(fleet: Fleet, database: Database) -> short.Signers:
    """Whose a short report may be, by its tag."""
    believed = Believed(fleet, database, clock.wall_ms)

    def found(tag: bytes) -> list[tuple[str, VerifyingKey]]:
        names = sorted(node for node in fleet.nodes if short.tag_of(node) == tag)
        return [(one, key) for one in names if (key := believed.key_of(one)) is not None]

    return found


def _area(words: str, circle: str | None, polygon: str | None) -> AlertArea:
    try:
        return alert_making.read_area(words, circle or "", polygon or "")
    except ValueError as error:
        raise click.UsageError(
            "Write --circle as 50.45,30.52,2 and --polygon as '50.4,30.5 50.4,30.6 50.5,30.6'."
        ) from error


def _short_bytes(said: str) -> bytes:
    """Of a file, where there is one of that name; else of the text itself."""
    if not said.startswith(short.PREFIX):
        try:
            with Path(said).open("rb") as file:
                data = file.read(_FILE_BYTES_MAX)
        except (OSError, ValueError) as error:
            raise click.UsageError(
                f"{said[:40]!r} is neither a file nor a text that begins with {short.PREFIX}."
            ) from error
        if not data.startswith(short.PREFIX.encode()):
            return data
        said = data.decode("ascii", "replace")
    return short.from_text(said)


def _with_nodes(config_file: Path, act: Callable[[Connection, Iterable[str]], int]) -> int:
    config = config_of(config_file)
    try:
        nodes = Fleet(config.keys / "fleet.json").nodes
        with closing(assembly.open_database(config)) as database, database.writing() as connection:
            return act(connection, nodes)
    except CentralError as error:
        raise click.ClickException(str(error)) from error
