"""Signing keys that nodes took after those of the fleet list."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "node_keys",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("old", sa.LargeBinary(), nullable=False),
        sa.Column("new", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("heard_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("node_id", "old", "new"),
    )
