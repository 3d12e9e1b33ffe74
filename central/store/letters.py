"""Central's words to nodes: written by anybody, numbered by the running central, held by nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from central.store.tables import letters
from sync.core.mailbox import Reach
from sync.wire import entries
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import Record, to_body


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter as operations see it. Times are Unix milliseconds."""

    kind: str
    about: str | None
    entry: Entry
    written_at_ms: int
    held_at_ms: int | None


def write(connection: Connection, node_id: str, record: Record, now_ms: int) -> None:
    """Put a letter into the mailbox; the running central sends it."""
    entry = entries.encode(Entry(record.kind, Stamp(now_ms, now_ms, now_ms), to_body(record)))
    row = {
        "node_id": node_id,
        "lane": int(record.lane),
        "kind": record.kind,
        "about": getattr(record, "about", None),
        "entry": entry,
        "written_at_ms": now_ms,
    }
    connection.execute(letters.insert(), row)


def unnumbered(connection: Connection) -> list[int]:
    """Letters that are in no stream yet, in the order of writing."""
    found = select(letters.c.letter_id).where(letters.c.epoch.is_(None))
    return list(connection.execute(found.order_by(letters.c.letter_id)).scalars())


def number(connection: Connection, epoch: bytes, ids: Sequence[int]) -> None:
    """Give letters their places in the streams of this start of central."""
    for letter_id in ids:
        row = connection.execute(
            select(letters.c.node_id, letters.c.lane).where(letters.c.letter_id == letter_id)
        ).one()
        last = select(func.coalesce(func.max(letters.c.seq), 0)).where(
            letters.c.node_id == row.node_id,
            letters.c.lane == row.lane,
            letters.c.epoch == epoch,
        )
        seq = connection.execute(last).scalar_one() + 1
        connection.execute(
            update(letters).where(letters.c.letter_id == letter_id).values(epoch=epoch, seq=seq)
        )


def reaches(connection: Connection, node_id: str | None = None) -> list[Reach]:
    """Streams with letters that their nodes have not confirmed; the oldest epoch first."""
    own = [] if node_id is None else [letters.c.node_id == node_id]
    waiting = (
        select(
            letters.c.node_id,
            letters.c.epoch,
            letters.c.lane,
            func.max(letters.c.seq).label("newest"),
            func.min(letters.c.seq).label("first"),
        )
        .where(letters.c.epoch.is_not(None), letters.c.held_at_ms.is_(None), *own)
        .group_by(letters.c.node_id, letters.c.epoch, letters.c.lane)
        .order_by(func.min(letters.c.letter_id))
    )
    return [
        Reach(row.node_id, Stream(row.epoch, Lane(row.lane)), row.newest, row.first - 1)
        for row in connection.execute(waiting)
    ]


def known(connection: Connection, node_id: str, since_ms: int) -> list[Reach]:
    """What ``reaches`` gives, and then streams with letters written since; the newest first.

    A command that was confirmed is never sent again, nor what is older than that.
    """
    waits, old = letters.c.held_at_ms.is_(None), letters.c.written_at_ms < since_ms
    done = and_(~waits, or_(letters.c.lane == int(Lane.URGENT), old))
    ends = {
        "newest": func.max(letters.c.seq),
        "held": func.max(case((waits, 0), else_=letters.c.seq)),
        "floor": func.max(case((done, letters.c.seq), else_=0)),
        "waiting": func.sum(case((waits, 1), else_=0)),
    }
    asked = (
        select(letters.c.epoch, letters.c.lane, *(one.label(name) for name, one in ends.items()))
        .where(letters.c.node_id == node_id, letters.c.epoch.is_not(None))
        .group_by(letters.c.epoch, letters.c.lane)
        .having(or_(ends["waiting"] > 0, func.max(letters.c.written_at_ms) >= since_ms))
        .order_by((ends["waiting"] > 0).desc(), func.max(letters.c.letter_id).desc())
    )
    return [
        Reach(node_id, Stream(row.epoch, Lane(row.lane)), row.newest, row.held, row.floor)
        for row in connection.execute(asked)
    ]


def after(
    connection: Connection, node_id: str, stream: Stream, seq: int, limit: int
) -> list[tuple[int, bytes]]:
    """(sequence, canonical entry) of the letters that follow ``seq``."""
    found = (
        select(letters.c.seq, letters.c.entry)
        .where(*_in(node_id, stream), letters.c.seq > seq)
        .order_by(letters.c.seq)
        .limit(limit)
    )
    return [(row.seq, row.entry) for row in connection.execute(found)]


def confirm(connection: Connection, node_id: str, stream: Stream, seq: int, now_ms: int) -> None:
    """The node has everything up to ``seq``, and nothing after it: its disk may be an older one."""
    held = letters.c.held_at_ms.is_(None)
    connection.execute(
        update(letters)
        .where(*_in(node_id, stream), letters.c.seq <= seq, held)
        .values(held_at_ms=now_ms)
    )
    connection.execute(
        update(letters)
        .where(*_in(node_id, stream), letters.c.seq > seq, letters.c.held_at_ms.is_not(None))
        .values(held_at_ms=None)
    )


def newest(connection: Connection, node_id: str, limit: int) -> list[Sent]:
    """The last letters to a node, the newest first."""
    found = (
        select(letters)
        .where(letters.c.node_id == node_id)
        .order_by(letters.c.letter_id.desc())
        .limit(limit)
    )
    return [
        Sent(row.kind, row.about, entries.decode(row.entry), row.written_at_ms, row.held_at_ms)
        for row in connection.execute(found)
    ]


def _in(node_id: str, stream: Stream) -> list[ColumnElement[bool]]:
    return [
        letters.c.node_id == node_id,
        letters.c.epoch == stream.epoch,
        letters.c.lane == int(stream.lane),
    ]
