"""How far each node says it has written."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "told_streams",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("newest_seq", sa.BigInteger(), nullable=False),
        sa.Column("newest_head", sa.LargeBinary(), nullable=False),
        sa.Column("told_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane"),
    )
