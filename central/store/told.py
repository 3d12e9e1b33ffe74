"""How far each node says it has written: its last hello, for the ledger."""

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, SmallInteger, Table, Text

from central.store.tables import metadata
from sync.wire.messages import Hello

told_streams = Table(
    "told_streams",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),
    Column("lane", SmallInteger, primary_key=True),
    Column("newest_seq", BigInteger, nullable=False),
    Column("newest_head", LargeBinary, nullable=False),
    Column("told_at_ms", BigInteger, nullable=False),
)


def replace(connection: Connection, hello: Hello, now_ms: int) -> None:
    """Only the last hello counts; what a node has purged wholly it names no more."""
    connection.execute(told_streams.delete().where(told_streams.c.node_id == hello.node_id))
    rows = [
        {
            "node_id": hello.node_id,
            "epoch": one.stream.epoch,
            "lane": one.stream.lane.value,
            "newest_seq": one.newest.seq,
            "newest_head": one.newest.head,
            "told_at_ms": now_ms,
        }
        for one in {holding.stream: holding for holding in hello.holdings}.values()
    ]
    if rows:
        connection.execute(told_streams.insert(), rows)
