"""eDocuments that hold no more."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "revoked_documents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_central", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
