"""Projections of the log: households, persons, quarantine and fleet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _create_households()
    _create_persons()
    _create_fleet()


def _create_households() -> None:
    op.create_table(
        "households",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("registered_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("shelter", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("displaced_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch", "lane", "seq"],
            ["records.node_id", "records.epoch", "records.lane", "records.seq"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_index("households_by_public_id", "households", ["public_id"], unique=False)


def _create_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("tax_number", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch", "lane", "seq"],
            ["households.node_id", "households.epoch", "households.lane", "households.seq"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq", "ordinal"),
    )


def _create_fleet() -> None:
    op.create_table(
        "quarantine",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch", "lane", "seq"],
            ["records.node_id", "records.epoch", "records.lane", "records.seq"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_table(
        "fleet",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("cloned", sa.BigInteger(), nullable=False),
        sa.Column("last_record_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("node_id"),
    )
