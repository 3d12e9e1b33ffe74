"""Projections of the log: attached files, and which of their pieces have come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "media_files",
        *_place(),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("attached_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("attached_by", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("preview", sa.LargeBinary(), nullable=False),
        _of_record(),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_index("media_files_by_public_id", "media_files", ["public_id"], unique=False)
    op.create_table(
        "media_pieces",
        *_place(),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _of_record(),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    columns = ["node_id", "sha256", "size", "number"]
    op.create_index("media_pieces_by_file", "media_pieces", columns, unique=False)
    op.create_table(
        "media_originals",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("have", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "sha256", "size"),
    )


def _place() -> list["sa.Column[object]"]:
    return [
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    ]


def _of_record() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["node_id", "epoch", "lane", "seq"],
        ["records.node_id", "records.epoch", "records.lane", "records.seq"],
    )
