"""Edits of households, and what of them a human must decide."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "edits",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch", "lane", "seq"],
            ["records.node_id", "records.epoch", "records.lane", "records.seq"],
        ),
    )
    op.create_index("edits_by_household", "edits", ["about"], unique=False)
    op.create_table(
        "collisions",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("found_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("about", "field"),
    )
    op.add_column(
        "households",
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
