"""A node's book in SQL: its epochs, the marks of its streams, and where its history branched."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Connection, func, select

from central.store.tables import branchings, epochs, nodes, streams
from central.store.upserts import insert
from sync.core.receiver import Book, Branching
from sync.wire import messages
from sync.wire.lanes import Lane
from sync.wire.messages import EpochLink
from sync.wire.places import Mark, Stream

Grown = dict[bytes, tuple[bool, bool]]


def see(connection: Connection, node_id: str, now_ms: int) -> None:
    """Note that signed words of the node came. Its row stays locked for the transaction."""
    row = {"node_id": node_id, "first_seen_ms": now_ms, "last_seen_ms": now_ms}
    statement = insert(connection, nodes).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["node_id"], set_={"last_seen_ms": statement.excluded.last_seen_ms}
        )
    )


def load(connection: Connection, node_id: str) -> Book:
    """Give all that is known of the node, its epochs in the order in which they came."""
    book = Book()
    links = select(epochs.c.link).where(epochs.c.node_id == node_id).order_by(epochs.c.ordinal)
    for (payload,) in connection.execute(links):
        link = cast(EpochLink, messages.decode(payload))
        book.links[link.epoch] = link
    for row in connection.execute(select(streams).where(streams.c.node_id == node_id)):
        stream = Stream(row.epoch, Lane(row.lane))
        book.held[stream] = Mark(row.held_seq, row.head)
        book.backed_up[stream] = row.backed_up
    found = select(branchings).where(branchings.c.node_id == node_id).order_by("ordinal")
    for row in connection.execute(found):
        book.branchings[row.epoch] = Branching(row.old_grew, row.new_grew)
    return book


def add_link(connection: Connection, link: EpochLink, now_ms: int) -> None:
    last = select(func.max(epochs.c.ordinal)).where(epochs.c.node_id == link.node_id)
    row = {
        "node_id": link.node_id,
        "epoch": link.epoch,
        "ordinal": (connection.scalar(last) or 0) + 1,
        "link": messages.encode(link),
        "arrived_at_ms": now_ms,
    }
    connection.execute(epochs.insert(), row)


def move_mark(connection: Connection, node_id: str, stream: Stream, mark: Mark) -> None:
    row = {
        "node_id": node_id,
        "epoch": stream.epoch,
        "lane": stream.lane.value,
        "held_seq": mark.seq,
        "head": mark.head,
        "backed_up": 0,
    }
    statement = insert(connection, streams).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["node_id", "epoch", "lane"],
            set_={"held_seq": statement.excluded.held_seq, "head": statement.excluded.head},
        )
    )


def move_backed_up(connection: Connection, node_id: str, marks: Mapping[Stream, int]) -> None:
    """Raise the backed-up marks of streams; never lower one, never pass what is held."""
    for stream, seq in marks.items():
        connection.execute(
            streams.update()
            .where(
                streams.c.node_id == node_id,
                streams.c.epoch == stream.epoch,
                streams.c.lane == stream.lane.value,
                streams.c.backed_up < seq,
                streams.c.held_seq >= seq,
            )
            .values(backed_up=seq)
        )


def all_backed_up(connection: Connection) -> None:
    """Raise every backed-up mark to what is held."""
    connection.execute(streams.update().values(backed_up=streams.c.held_seq))


def grown(book: Book) -> Grown:
    """Which branch of each branching has grown, as plain values to compare and to store."""
    return {epoch: (both.old_grew, both.new_grew) for epoch, both in book.branchings.items()}


def save_branchings(connection: Connection, node_id: str, before: Grown, after: Grown) -> None:
    """Store the branchings that changed, in the order in which they were found."""
    for ordinal, (epoch, (old_grew, new_grew)) in enumerate(after.items(), start=1):
        if before.get(epoch) == (old_grew, new_grew):
            continue
        row = {"node_id": node_id, "epoch": epoch, "ordinal": ordinal}
        change = {"old_grew": old_grew, "new_grew": new_grew}
        connection.execute(
            insert(connection, branchings)
            .values(**row, **change)
            .on_conflict_do_update(index_elements=["node_id", "epoch"], set_=change)
        )
