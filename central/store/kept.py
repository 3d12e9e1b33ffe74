"""Signed messages as they came, and the queue of those that a backup does not hold yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import cast

from sqlalchemy import Connection, func, select

from central.store.tables import backup_folder, kept, to_back_up
from sync.wire import cbor, messages
from sync.wire.errors import MalformedError
from sync.wire.lanes import Lane
from sync.wire.messages import Batch
from sync.wire.places import Mark, Stream
from sync.wire.sign import payload_of

_CONCESSION_BYTES_MAX = 200
_WAITING_BYTES_MAX = 16 * 1024**2  # in memory at once: media's messages are large


class Form(IntEnum):
    """What a kept message is."""

    SIGNED = 1  # a node's message, as it travelled
    CONCEDED = 2  # central's own note: it went on over records that nobody has any more


@dataclass(frozen=True, slots=True)
class Kept:
    kept_id: int
    node_id: str
    form: Form
    message: bytes
    kept_at_ms: int


def add(connection: Connection, node_id: str, form: Form, message: bytes, now_ms: int) -> None:
    """Keep a message, and put it in the queue for the backup."""
    row = {"node_id": node_id, "form": form.value, "message": message, "kept_at_ms": now_ms}
    [kept_id] = connection.execute(kept.insert().returning(kept.c.kept_id), row).one()
    connection.execute(to_back_up.insert(), {"kept_id": kept_id})


def concession(stream: Stream, mark: Mark) -> bytes:
    return cbor.encode([stream.epoch, stream.lane.value, mark.seq, mark.head])


def read_concession(data: bytes) -> tuple[Stream, Mark]:
    """Raises MalformedError or OversizedError."""
    match cbor.decode(data, _CONCESSION_BYTES_MAX):
        case [bytes(epoch), int(lane), int(seq), bytes(head)] if lane in list(Lane):
            return Stream(epoch, Lane(lane)), Mark(seq, head)
        case _:
            raise MalformedError("not a concession")


def reached(one: Kept) -> tuple[Stream, int] | None:
    """Up to where a kept message brings its stream; None for the link of an epoch.

    Raises:
        WireError: it is not what was kept.
    """
    if one.form is Form.CONCEDED:
        stream, mark = read_concession(one.message)
        return stream, mark.seq
    message = messages.decode(payload_of(one.message))
    return (message.stream, message.last) if isinstance(message, Batch) else None


def reached_by_node(many: Iterable[Kept]) -> dict[str, dict[Stream, int]]:
    """Up to where kept messages bring each stream of each node. Raises WireError."""
    marks: dict[str, dict[Stream, int]] = {}
    for one in many:
        if (end := reached(one)) is not None:
            mine = marks.setdefault(one.node_id, {})
            mine[end[0]] = max(mine.get(end[0], 0), end[1])
    return marks


def waiting(connection: Connection, limit: int) -> list[Kept]:
    """The oldest messages that the backup lacks, as far as they are not too large together."""
    joined = kept.join(to_back_up, kept.c.kept_id == to_back_up.c.kept_id)
    sizes = select(kept.c.kept_id, func.length(kept.c.message)).select_from(joined)
    chosen: list[int] = []
    room = _WAITING_BYTES_MAX
    for kept_id, size in connection.execute(sizes.order_by(kept.c.kept_id).limit(limit)):
        room -= size
        if room < 0 and chosen:
            break
        chosen.append(kept_id)
    rows = connection.execute(
        select(kept).where(kept.c.kept_id.in_(chosen)).order_by(kept.c.kept_id)
    )
    return [
        Kept(row.kept_id, row.node_id, Form(row.form), row.message, row.kept_at_ms) for row in rows
    ]


def waiting_count(connection: Connection) -> int:
    return cast(int, connection.scalar(select(func.count()).select_from(to_back_up)))


def backed_up(connection: Connection, kept_ids: Sequence[int]) -> None:
    """Take messages off the queue."""
    connection.execute(to_back_up.delete().where(to_back_up.c.kept_id.in_(kept_ids)))


def direct(connection: Connection, folder_id: str) -> None:
    """Make the queue that of ``folder_id``: another folder than before gets every message."""
    if connection.scalar(select(backup_folder.c.folder_id)) == folder_id:
        return
    connection.execute(to_back_up.delete())
    connection.execute(to_back_up.insert().from_select(["kept_id"], select(kept.c.kept_id)))
    _name(connection, folder_id)


def settle(connection: Connection, folder_id: str) -> None:
    """Say that ``folder_id`` holds every message: this log was just restored from it."""
    connection.execute(to_back_up.delete())
    _name(connection, folder_id)


def _name(connection: Connection, folder_id: str) -> None:
    connection.execute(backup_folder.delete())
    connection.execute(backup_folder.insert(), {"folder_id": folder_id})
