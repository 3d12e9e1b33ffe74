"""Hazards, alerts, who has seen them, and where centres stand."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _hazards()
    _told()
    _alerts()


def _hazards() -> None:
    op.create_table(
        "hazards",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=True),
        sa.Column("reported_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("came_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("lat_e5", sa.Integer(), nullable=True),
        sa.Column("lon_e5", sa.Integer(), nullable=True),
        sa.Column("accuracy_m", sa.Integer(), nullable=True),
        sa.Column("landmark", sa.Text(), nullable=False),
        sa.Column("people_near", sa.Integer(), nullable=True),
        sa.Column("marked", sa.Boolean(), nullable=True),
        sa.Column("near_to", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "ref"),
    )
    op.create_index("hazards_by_public_id", "hazards", ["public_id"], unique=False)
    op.create_table(
        "hazard_shorts",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("came_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "ref"),
    )


def _told() -> None:
    op.create_table(
        "hazard_details",
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
    op.create_index("hazard_details_by_report", "hazard_details", ["about"], unique=False)
    op.create_table(
        "hazard_standings",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "ref"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("sent_s", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("cap", sa.LargeBinary(), nullable=False),
        sa.Column("followed_by", sa.Text(), nullable=True),
        sa.Column("sent_to", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("identifier"),
    )
    op.create_table(
        "alert_acknowledgements",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("identifier", "node_id", "seen_by"),
    )
    op.create_table(
        "centre_places",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("lat_e5", sa.Integer(), nullable=False),
        sa.Column("lon_e5", sa.Integer(), nullable=False),
        sa.Column("katottg", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )
