"""Central's table of the signing keys that nodes took after those of the fleet list."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from central.store.tables import metadata

node_keys = Table(
    "node_keys",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("old", LargeBinary, primary_key=True),  # public keys
    Column("new", LargeBinary, primary_key=True),
    Column("arrived_at_ms", BigInteger, nullable=False),
    Column("heard_at_ms", BigInteger),  # NULL: nothing signed by it came yet
)
