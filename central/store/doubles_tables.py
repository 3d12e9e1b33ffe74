"""Tables of households that may be one."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from central.store.tables import metadata


def _place() -> list[Column[Any]]:
    return [
        Column("node_id", Text, primary_key=True),
        Column("epoch", LargeBinary, primary_key=True),
        Column("lane", SmallInteger, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
    ]


alike = Table(
    "alike",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),  # see sync.merge.blocks
    *_place(),
    Index("alike_by_household", "node_id", "epoch", "lane", "seq"),
)

compared = Table(  # by staff; the other may be on any node
    "compared",
    metadata,
    *_place(),
    Column("about", Text, nullable=False),
    Column("other", Text, nullable=False),  # empty: it came again
    Column("answer", Text, nullable=False),
    Column("compared_at_ms", BigInteger, nullable=False),
)

doubles_answered = Table(  # by central itself: no record says so
    "doubles_answered",
    metadata,
    Column("about", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("answered_at_ms", BigInteger, nullable=False),
)
