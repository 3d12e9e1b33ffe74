"""Evidence, and who had it when."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "evidence_items",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("came_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch", "lane", "seq"],
            ["records.node_id", "records.epoch", "records.lane", "records.seq"],
        ),
        sa.UniqueConstraint("public_id"),
    )
    op.create_table(
        "custody_events",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("public_id", "number"),
    )
