"""Documents that central itself judged, for neighbours' verifiers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "neighbour_checks",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("checked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("trust_age_s", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("position"),
    )
