"""Central's words to one node and its answers, as operations see them."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from central.store import letters
from central.store.contents import read
from central.store.tables import records
from sync.wire.kinds.answers import CommandDone, CommandGiven, MessageSent, RecordDecided
from sync.wire.lanes import Lane
from sync.wire.records import from_body

SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Letter:
    """One of central's words. ``what`` is a code: an outcome, an act or "message"."""

    what: str
    about: str | None
    text: str
    said_by: str
    written_at_ms: int
    held_at_ms: int | None  # None: it waits


@dataclass(frozen=True, slots=True)
class Answer:
    """What the node says of a command."""

    act: str
    result: str
    detail: str
    arrived_at_ms: int


def sent(connection: Connection, node_id: str) -> list[Letter]:
    """The last ones, the newest first."""
    return [_letter(one) for one in letters.newest(connection, node_id, SHOWN_MAX)]


def answers(connection: Connection, node_id: str) -> list[Answer]:
    """The last ones, the newest first."""
    asked = (
        select(records.c.entry, records.c.arrived_at_ms)
        .where(
            records.c.node_id == node_id,
            records.c.lane == Lane.WORK.value,
            records.c.kind == CommandDone.kind,
        )
        .order_by(records.c.position.desc())
        .limit(SHOWN_MAX)
    )
    rows = [(read(row.entry).record, row.arrived_at_ms) for row in connection.execute(asked)]
    return [
        Answer(done.act, done.result, done.detail, arrived_at_ms)
        for done, arrived_at_ms in rows
        if isinstance(done, CommandDone)
    ]


def _letter(one: letters.Sent) -> Letter:
    said: tuple[str, str | None, str, str]
    match from_body(one.kind, one.entry.body):
        case RecordDecided(about, outcome, text, by):
            said = outcome, about, text, by
        case MessageSent(text, by, about):
            said = "message", about, text, by
        case CommandGiven(act, by, hours):
            said = act, None, "" if hours is None else f"{hours} h", by
        case _:
            said = one.kind, one.about, "", ""
    return Letter(*said, one.written_at_ms, one.held_at_ms)
