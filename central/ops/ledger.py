"""The ledger of one node: what it says it captured, what is held here, and what lies between."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from central.store.tables import records, streams
from central.store.told import told_streams
from sync.wire.lanes import DURABLE, Lane
from sync.wire.places import Stream, public_id

RANGES_MAX = 100  # of a lane


@dataclass(frozen=True, slots=True)
class Missing:
    """Records ``first`` to ``last`` of a stream, by their public ids. ``is_lost``: for ever."""

    first: str
    last: str
    count: int
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Account:
    """One lane, in records, over all starts of the node.

    Attributes:
        agrees: where the node said how a stream ends, ours has the same hash there.
    """

    lane: Lane
    captured: int
    held: int
    agrees: bool
    missing: list[Missing]

    @property
    def is_whole(self) -> bool:
        return self.captured == self.held and self.agrees


@dataclass(frozen=True, slots=True)
class _End:
    """What is known of one stream: how far it goes there, and here."""

    stream: Stream
    told: int = 0
    agrees: bool = True
    mark: int = 0


def accounts(connection: Connection, node_id: str) -> list[Account]:
    """By lane. A record that came after the node's last hello counts as captured."""
    ends = _ends(connection, node_id)
    counts = _counts(connection, node_id)
    missing: defaultdict[Lane, list[Missing]] = defaultdict(list)
    for end in ends:
        missing[end.stream.lane] += _missing(connection, node_id, end, counts.get(end.stream, 0))
    return [
        Account(
            lane,
            sum(max(end.told, end.mark) for end in own),
            sum(counts.get(end.stream, 0) for end in own),
            all(end.agrees for end in own),
            missing[lane][:RANGES_MAX],
        )
        for lane in DURABLE
        for own in [[end for end in ends if end.stream.lane is lane]]
    ]


def told_at_ms(connection: Connection, node_id: str) -> int | None:
    """When the node last said what it has; None: never."""
    latest = select(func.max(told_streams.c.told_at_ms)).where(told_streams.c.node_id == node_id)
    found: int | None = connection.scalar(latest)
    return found


def _ends(connection: Connection, node_id: str) -> list[_End]:
    marks = {
        Stream(row.epoch, Lane(row.lane)): int(row.held_seq)
        for row in connection.execute(select(streams).where(streams.c.node_id == node_id))
    }
    found = {stream: _End(stream, mark=mark) for stream, mark in marks.items()}
    told = select(told_streams).where(told_streams.c.node_id == node_id)
    for row in connection.execute(told).all():
        stream = Stream(row.epoch, Lane(row.lane))
        held = _hash_at(connection, node_id, stream, row.newest_seq)
        agrees = held in (None, row.newest_head)
        found[stream] = _End(stream, row.newest_seq, agrees, marks.get(stream, 0))
    return sorted(found.values(), key=lambda end: end.stream.epoch)


def _hash_at(connection: Connection, node_id: str, stream: Stream, seq: int) -> bytes | None:
    place = {"node_id": node_id, "epoch": stream.epoch, "lane": stream.lane.value, "seq": seq}
    found: bytes | None = connection.scalar(select(records.c.hash).filter_by(**place))
    return found


def _counts(connection: Connection, node_id: str) -> dict[Stream, int]:
    asked = (
        select(records.c.epoch, records.c.lane, func.count())
        .where(records.c.node_id == node_id)
        .group_by(records.c.epoch, records.c.lane)
    )
    return {
        Stream(epoch, Lane(lane)): int(count) for epoch, lane, count in connection.execute(asked)
    }


def _missing(connection: Connection, node_id: str, end: _End, count: int) -> Iterator[Missing]:
    if count < end.mark:
        for first, last in _gaps(connection, node_id, end):
            yield _range(node_id, end.stream, (first, last), is_lost=True)
    if end.mark < end.told:
        yield _range(node_id, end.stream, (end.mark + 1, end.told), is_lost=False)


def _gaps(connection: Connection, node_id: str, end: _End) -> list[tuple[int, int]]:
    """Below the mark: what was conceded, because nobody had it any more."""
    seqs = select(
        records.c.seq,
        func.lag(records.c.seq, 1, 0).over(order_by=records.c.seq).label("before"),
    ).where(
        records.c.node_id == node_id,
        records.c.epoch == end.stream.epoch,
        records.c.lane == end.stream.lane.value,
    )
    held = seqs.subquery()
    wide = select(held).where(held.c.seq - held.c.before > 1).order_by(held.c.seq)
    rows = connection.execute(wide.limit(RANGES_MAX)).all()
    found = [(int(row.before) + 1, int(row.seq) - 1) for row in rows]
    last = select(func.max(records.c.seq)).where(
        records.c.node_id == node_id,
        records.c.epoch == end.stream.epoch,
        records.c.lane == end.stream.lane.value,
    )
    newest = int(connection.scalar(last) or 0)
    return [*found, (newest + 1, end.mark)] if newest < end.mark else found


def _range(node_id: str, stream: Stream, ends: tuple[int, int], *, is_lost: bool) -> Missing:
    first, last = ends
    names = public_id(node_id, stream, first), public_id(node_id, stream, last)
    return Missing(*names, last - first + 1, is_lost)
