"""Central's tables as SQLAlchemy Core sees them. Made and changed only by the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

# SQLite counts by itself only in a column of type INTEGER.
_Counted = BigInteger().with_variant(Integer, "sqlite")


def _place() -> list[Column[object]]:
    """The columns that name one record."""
    return [
        Column("node_id", Text, primary_key=True),
        Column("epoch", LargeBinary, primary_key=True),
        Column("lane", SmallInteger, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
    ]


def _of_record() -> ForeignKeyConstraint:
    place = ["node_id", "epoch", "lane", "seq"]
    return ForeignKeyConstraint(place, [f"records.{name}" for name in place])


nodes = Table(
    "nodes",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("first_seen_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),  # when signed words of it last came
)

epochs = Table(
    "epochs",
    metadata,
    Column("node_id", Text, ForeignKey("nodes.node_id"), primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),
    Column("ordinal", Integer, nullable=False),  # in which order a node's epochs came
    Column("link", LargeBinary, nullable=False),  # the message: what it follows, its sealed key
    Column("arrived_at_ms", BigInteger, nullable=False),
    UniqueConstraint("node_id", "ordinal"),
)

branchings = Table(
    "branchings",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),  # the younger of the two
    Column("ordinal", Integer, nullable=False),
    Column("old_grew", Boolean, nullable=False),
    Column("new_grew", Boolean, nullable=False),
    ForeignKeyConstraint(["node_id", "epoch"], ["epochs.node_id", "epochs.epoch"]),
)

streams = Table(
    "streams",
    metadata,
    Column("node_id", Text, ForeignKey("nodes.node_id"), primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),  # its link may come later
    Column("lane", SmallInteger, primary_key=True),
    Column("held_seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("backed_up", BigInteger, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("position", _Counted, primary_key=True),  # the order in which records arrived
    Column("node_id", Text, nullable=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("kind", Text),  # NULL: nobody can read the entry
    Column("reading_ms", BigInteger),  # the node's own clock
    Column("not_before_ms", BigInteger),
    Column("not_after_ms", BigInteger),
    Column("entry", LargeBinary),  # canonical; NULL: poison
    Column("sealed", LargeBinary),  # as it lay on the node, where it travelled so
    Column("cloned", Boolean, nullable=False),  # two machines spoke as the node: not projected
    Column("arrived_at_ms", BigInteger, nullable=False),
    UniqueConstraint("node_id", "epoch", "lane", "seq"),
    ForeignKeyConstraint(["node_id", "epoch"], ["epochs.node_id", "epochs.epoch"]),
    Index("records_by_arrival", "arrived_at_ms"),
)

kept = Table(
    "kept",
    metadata,
    Column("kept_id", _Counted, primary_key=True),
    Column("node_id", Text, ForeignKey("nodes.node_id"), nullable=False),
    Column("form", SmallInteger, nullable=False),  # central.store.kept.Form
    Column("message", LargeBinary, nullable=False),
    Column("kept_at_ms", BigInteger, nullable=False),
)

# A queue rather than a pointer: with several writers a lower id may commit after a higher one.
to_back_up = Table(
    "to_back_up",
    metadata,
    Column(
        "kept_id",
        BigInteger,
        ForeignKey("kept.kept_id"),
        primary_key=True,
        autoincrement=False,
    ),
)

backup_folder = Table(
    "backup_folder",
    metadata,
    Column("folder_id", Text, primary_key=True),  # the one folder that the queue is meant for
)

refusals = Table(
    "refusals",
    metadata,
    Column("refusal_id", _Counted, primary_key=True),
    Column("node_id", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("refused_at_ms", BigInteger, nullable=False),
    Index("refusals_by_node", "node_id", "refusal_id"),
)

refusal_counts = Table(
    "refusal_counts",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("why", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("finding_id", _Counted, primary_key=True),
    Column("node_id", Text, ForeignKey("nodes.node_id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("stream_epoch", LargeBinary, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("found_at_ms", BigInteger, nullable=False),
    Column("acknowledged_at_ms", BigInteger),
    UniqueConstraint("node_id", "code", "epoch", "stream_epoch", "lane", "seq"),
)

health = Table(
    "health",
    metadata,
    Column("node_id", Text, ForeignKey("nodes.node_id"), primary_key=True),
    Column("epoch", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("arrived_at_ms", BigInteger, nullable=False),
)

presence = Table(
    "presence",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, nullable=False),
    Column("is_up", Boolean, nullable=False),
    Column("told_at_ms", BigInteger, nullable=False),
)

households = Table(
    "households",
    metadata,
    *_place(),
    Column("public_id", Text, nullable=False),
    Column("registered_at_ms", BigInteger),
    Column("size", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("shelter", Text, nullable=False),
    Column("consent", Boolean, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("displaced_on", Date),
    Column("phone", Text),
    Column("needs", Text, nullable=False),  # a JSON list of codes
    Column("note", Text),
    Column("removed", Boolean, nullable=False, server_default=false()),
    _of_record(),
    Index("households_by_public_id", "public_id"),
)

persons = Table(
    "persons",
    metadata,
    *_place(),
    Column("ordinal", SmallInteger, primary_key=True),  # 0 is the head of household
    Column("surname", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("patronymic", Text),
    Column("sex", Text),
    Column("born_on", Date),
    Column("relation", Text),
    Column("tax_number", Text),
    Column("document", Text),
    ForeignKeyConstraint(
        ["node_id", "epoch", "lane", "seq"],
        [f"households.{name}" for name in ("node_id", "epoch", "lane", "seq")],
    ),
)

edits = Table(
    "edits",
    metadata,
    *_place(),
    Column("about", Text, nullable=False),  # public id of a household, which may come later
    _of_record(),
    Index("edits_by_household", "about"),
)

collisions = Table(
    "collisions",
    metadata,
    Column("about", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("found_at_ms", BigInteger, nullable=False),
)

revoked_documents = Table(
    "revoked_documents",
    metadata,
    Column("number", Text, primary_key=True),  # public id of the record that issued it
    Column("revoked_at_ms", BigInteger, nullable=False),
    Column("by_central", Boolean, nullable=False),  # then no record says so
)

neighbour_checks = Table(  # of documents that central itself judged, for neighbours' verifiers
    "neighbour_checks",
    metadata,
    Column("position", _Counted, primary_key=True),
    Column("checked_at_ms", BigInteger, nullable=False),
    *[Column(name, Text, nullable=False) for name in ("checked_by", "format", "document_type")],
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload_sha256", LargeBinary, nullable=False),
    Column("issuer", Text),
    Column("trust_age_s", BigInteger),
)

quarantine = Table(
    "quarantine",
    metadata,
    *_place(),
    Column("trouble", Text, nullable=False),  # central.store.contents.Trouble
    _of_record(),
)

fleet = Table(
    "fleet",
    metadata,
    Column("node_id", Text, ForeignKey("nodes.node_id"), primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("households", BigInteger, nullable=False),
    Column("persons", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("cloned", BigInteger, nullable=False),
    Column("last_record_at_ms", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("letter_id", _Counted, primary_key=True),
    Column("node_id", Text, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text),  # public id of a record
    Column("entry", LargeBinary, nullable=False),  # canonical
    Column("written_at_ms", BigInteger, nullable=False),
    Column("epoch", LargeBinary),  # NULL: not yet in a stream
    Column("seq", BigInteger),
    Column("held_at_ms", BigInteger),  # NULL: the node has not confirmed it
    UniqueConstraint("node_id", "epoch", "lane", "seq"),
    Index("letters_by_node", "node_id", "letter_id"),
)
