"""Central's tables of attached files, beside those in ``tables``."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from central.store.tables import metadata


class State(StrEnum):
    """How far the original of a file has come."""

    ARRIVING = "arriving"
    WHOLE = "whole"  # every piece is here; whether they make up the file is not yet looked at
    VERIFIED = "verified"  # the first copies of its pieces have its hash
    VERIFIED_LAST = "verified_last"  # the last copies of them have
    SPOILED = "spoiled"  # every piece is here and they do not make up the file


VERIFIED = (State.VERIFIED, State.VERIFIED_LAST)


def _place() -> list[Column[object]]:
    return [
        Column("node_id", Text, primary_key=True),
        Column("epoch", LargeBinary, primary_key=True),
        Column("lane", SmallInteger, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
    ]


def _of_record() -> ForeignKeyConstraint:
    place = ["node_id", "epoch", "lane", "seq"]
    return ForeignKeyConstraint(place, [f"records.{name}" for name in place])


media_files = Table(
    "media_files",
    metadata,
    *_place(),
    Column("public_id", Text, nullable=False),
    Column("attached_at_ms", BigInteger),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("attached_by", Text, nullable=False),
    Column("about", Text),  # public id of the record that it belongs to
    Column("note", Text),
    Column("name", Text),
    Column("preview", LargeBinary, nullable=False),
    _of_record(),
    Index("media_files_by_public_id", "public_id"),
)

# Where a piece lies in the log: its bytes are there, and nowhere a second time.
media_pieces = Table(
    "media_pieces",
    metadata,
    *_place(),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    _of_record(),
    Index("media_pieces_by_file", "node_id", "sha256", "size", "number"),
)

# One node's pieces never make up another's file: a node can spoil only its own.
media_originals = Table(
    "media_originals",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("have", Integer, nullable=False),  # different pieces
    Column("copies", Integer, nullable=False),  # pieces, also those that came again
    Column("state", Text, nullable=False),
)
