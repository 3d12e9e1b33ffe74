"""The log: nodes, their epochs and streams, records, and what came signed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_histories()
    _create_streams()
    _create_records()
    _create_kept()
    _create_watch()
    _create_hints()
    _make_append_only()


def _create_histories() -> None:
    op.create_table(
        "nodes",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("first_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )
    op.create_table(
        "epochs",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch"),
        sa.UniqueConstraint("node_id", "ordinal"),
    )


def _create_streams() -> None:
    op.create_table(
        "branchings",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("old_grew", sa.Boolean(), nullable=False),
        sa.Column("new_grew", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch"],
            ["epochs.node_id", "epochs.epoch"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch"),
    )
    op.create_table(
        "streams",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("held_seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("backed_up", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch"],
            ["epochs.node_id", "epochs.epoch"],
        ),
        sa.PrimaryKeyConstraint("node_id", "epoch", "lane"),
    )


def _create_records() -> None:
    op.create_table(
        "records",
        sa.Column("position", _COUNTED, nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reading_ms", sa.BigInteger(), nullable=True),
        sa.Column("not_before_ms", sa.BigInteger(), nullable=True),
        sa.Column("not_after_ms", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cloned", sa.Boolean(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id", "epoch"],
            ["epochs.node_id", "epochs.epoch"],
        ),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("node_id", "epoch", "lane", "seq"),
    )
    op.create_index("records_by_arrival", "records", ["arrived_at_ms"], unique=False)


def _create_kept() -> None:
    op.create_table(
        "kept",
        sa.Column("kept_id", _COUNTED, nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("form", sa.SmallInteger(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("kept_id"),
    )
    op.create_table(
        "to_back_up",
        sa.Column("kept_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_id"],
            ["kept.kept_id"],
        ),
        sa.PrimaryKeyConstraint("kept_id"),
    )
    op.create_table(
        "backup_folder",
        sa.Column("folder_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("folder_id"),
    )


def _create_watch() -> None:
    op.create_table(
        "refusals",
        sa.Column("refusal_id", _COUNTED, nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("refused_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("refusal_id"),
    )
    op.create_index("refusals_by_node", "refusals", ["node_id", "refusal_id"], unique=False)
    op.create_table(
        "refusal_counts",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "why"),
    )
    op.create_table(
        "findings",
        sa.Column("finding_id", _COUNTED, nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("stream_epoch", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("found_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("finding_id"),
        sa.UniqueConstraint("node_id", "code", "epoch", "stream_epoch", "lane", "seq"),
    )


def _create_hints() -> None:
    op.create_table(
        "health",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["nodes.node_id"],
        ),
        sa.PrimaryKeyConstraint("node_id"),
    )
    op.create_table(
        "presence",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("is_up", sa.Boolean(), nullable=False),
        sa.Column("told_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$"
        )
        for table in ("records", "kept"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()"
            )
        return
    for table in ("records", "kept"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
