"""Central's tables of applications and of the receipts by which people claim them."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from central.store.tables import metadata

applications = Table(
    "applications",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),
    Column("lane", SmallInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("public_id", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("form", LargeBinary, nullable=False),
    Column("submission", LargeBinary, nullable=False),
    Column("record_sha256", LargeBinary, nullable=False),  # as a receipt names it
    Column("filed_by", Text, nullable=False),
    Column("household", Text),
    Column("filed_at_ms", BigInteger),  # by the node's clock
    Index("applications_by_public_id", "public_id"),
    Index("applications_by_service", "service"),
)

claims = Table(  # by receipt; no record tells it again, so a rebuild leaves it
    "application_claims",
    metadata,
    Column("public_id", Text, primary_key=True),
    Column("record_sha256", LargeBinary, primary_key=True),
    Column("service", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("filed_since", Text, nullable=False),  # certainly not filed before; may be empty
    Column("filed", Text, nullable=False),
    Column("receipt", Text, nullable=False),  # as it was shown, so that anyone can judge it again
    Column("claimed_at_ms", BigInteger, nullable=False),
)
