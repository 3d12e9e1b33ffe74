"""A stream's mark may come before its epoch's link: a central that lost all learns it first."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS = "node_id, epoch, lane, held_seq, head, backed_up"


def upgrade() -> None:
    # SQLite cannot drop a foreign key, so the table is made anew.
    op.create_table(
        "streams_0003",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("held_seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("backed_up", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane"),
    )
    op.execute(f"INSERT INTO streams_0003 ({_COLUMNS}) SELECT {_COLUMNS} FROM streams")  # noqa: S608
    op.drop_table("streams")
    op.rename_table("streams_0003", "streams")
