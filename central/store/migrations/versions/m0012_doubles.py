"""Households that may be one: under what keys they are found, and what was said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "alike",
        sa.Column("key", sa.BigInteger(), nullable=False),
        *_place(),
        sa.PrimaryKeyConstraint("key", "node_id", "epoch", "lane", "seq"),
    )
    op.create_index("alike_by_household", "alike", ["node_id", "epoch", "lane", "seq"])
    op.create_table(
        "compared",
        *_place(),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("compared_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_table(
        "doubles_answered",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("about", "other"),
    )
