"""What waits in the outbox, counted and listed: the node's side of the ledger."""

from dataclasses import dataclass

from sqlite_utils import Database

from sync.wire.lanes import DURABLE, Lane
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that central has not confirmed. Times are Unix milliseconds."""

    stream: Stream
    seq: int
    saved_ms: int
    size: int  # bytes as it lies


def waiting_bytes(db: Database) -> dict[Lane, int]:
    """By lane, as they lie; SQLite knows a blob's length without reading it."""
    found = dict.fromkeys(DURABLE, 0)
    rows = db.conn.execute(
        "SELECT s.lane, sum(length(o.sealed)) FROM outbox o JOIN streams s ON s.id = o.stream"
        " WHERE o.seq > s.held GROUP BY s.lane"
    ).fetchall()
    return found | {Lane(lane): int(size) for lane, size in rows}


def waiting(db: Database, limit: int) -> list[Waiting]:
    """The most urgent lane first, within it in the order of writing."""
    rows = db.conn.execute(
        "SELECT s.epoch, s.lane, o.seq, o.saved_ms, length(o.sealed)"
        " FROM outbox o JOIN streams s ON s.id = o.stream"
        " WHERE o.seq > s.held ORDER BY s.lane, o.n LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        Waiting(Stream(epoch, Lane(lane)), seq, saved_ms, size)
        for epoch, lane, seq, saved_ms, size in rows
    ]
