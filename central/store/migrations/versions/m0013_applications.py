"""Applications for services, and the receipts by which people claim them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("form", sa.LargeBinary(), nullable=False),
        sa.Column("submission", sa.LargeBinary(), nullable=False),
        sa.Column("record_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("household", sa.Text()),
        sa.Column("filed_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_index("applications_by_public_id", "applications", ["public_id"])
    op.create_index("applications_by_service", "applications", ["service"])
    op.create_table(
        "application_claims",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("record_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("filed_since", sa.Text(), nullable=False),
        sa.Column("filed", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("claimed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("public_id", "record_sha256"),
    )
