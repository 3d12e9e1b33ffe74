"""Central's tables of hazards, alerts and centres' places, beside those in ``tables``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

hazards = Table(  # by ref: the short form of a report and its record are one
    "hazards",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("ref", LargeBinary, primary_key=True),
    Column("public_id", Text),  # NULL: so far only its short form has come
    Column("reported_at_ms", BigInteger, nullable=False),  # by the node's clock
    Column("came_at_ms", BigInteger, nullable=False),
    Column("device", Text, nullable=False),
    *[Column(name, Integer) for name in ("lat_e5", "lon_e5", "accuracy_m")],
    Column("landmark", Text, nullable=False),
    Column("people_near", Integer),
    Column("marked", Boolean),
    Column("near_to", LargeBinary, nullable=False),
    Index("hazards_by_public_id", "public_id"),
)

hazard_shorts = Table(  # they stand in no lane's log, and are derived from like it
    "hazard_shorts",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("ref", LargeBinary, primary_key=True),
    Column("message", LargeBinary, nullable=False),  # signed, as it came
    Column("entry", LargeBinary, nullable=False),  # canonical
    Column("came_at_ms", BigInteger, nullable=False),
)

hazard_details = Table(
    "hazard_details",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("epoch", LargeBinary, primary_key=True),
    Column("lane", SmallInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("about", Text, nullable=False),  # public id of a report, which may come later
    ForeignKeyConstraint(
        ["node_id", "epoch", "lane", "seq"],
        [f"records.{name}" for name in ("node_id", "epoch", "lane", "seq")],
    ),
    Index("hazard_details_by_report", "about"),
)

hazard_standings = Table(  # what operations say; no record tells it again
    "hazard_standings",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("ref", LargeBinary, primary_key=True),
    Column("standing", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
    Column("settled_at_ms", BigInteger, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("sent_s", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),  # canonical
    Column("cap", LargeBinary, nullable=False),  # CAP 1.2, XML
    Column("followed_by", Text),  # the Update or Cancel that took its place
    Column("sent_to", Integer, nullable=False),  # how many nodes
)

alert_acknowledgements = Table(
    "alert_acknowledgements",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("seen_by", Text, primary_key=True),
    Column("seen_at_ms", BigInteger),  # by the node's clock
)

centre_places = Table(
    "centre_places",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("lat_e5", Integer, nullable=False),
    Column("lon_e5", Integer, nullable=False),
    Column("katottg", Text, nullable=False),
)
