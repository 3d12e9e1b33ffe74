"""Central's tables of evidence, beside those in ``tables``."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from central.store.tables import metadata

evidence_items = Table(  # what was given: the records themselves stay sealed
    "evidence_items",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),
    Column("lane", SmallInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("came_at_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["node_id", "epoch", "lane", "seq"],
        [f"records.{name}" for name in ("node_id", "epoch", "lane", "seq")],
    ),
)

custody_events = Table(  # who had an item, when and why; no record tells it again
    "custody_events",
    metadata,
    Column("public_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("event", LargeBinary, nullable=False),  # one line of JSON, as it is hashed
)
