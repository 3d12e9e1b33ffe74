"""What the operations page shows, read in one view of the database."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from central.store.database import Database
from central.store.tables import (
    collisions,
    findings,
    fleet,
    health,
    households,
    nodes,
    presence,
    records,
    refusal_counts,
    streams,
)
from sync.wire import entries
from sync.wire import records as wire_records
from sync.wire.errors import WireError
from sync.wire.kinds.health import NodeHealth
from sync.wire.lanes import DURABLE, Lane

MINUTES = 60  # of the plot
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class LaneView:
    """``waiting`` is what the node last said; None: it never did."""

    held: int = 0
    backed_up: int = 0
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node, as far as central knows it. Times are Unix milliseconds."""

    node_id: str
    last_seen_ms: int | None = None
    is_up: bool | None = None  # by its last birth or will, which are hints
    told_at_ms: int | None = None  # when that hint came
    records: int = 0
    households: int = 0
    quarantined: int = 0
    lanes: dict[Lane, LaneView] = field(default_factory=dict)
    health: NodeHealth | None = None
    health_at_ms: int | None = None
    alerts: dict[str, int] = field(default_factory=dict)  # finding or refusal, and how often


@dataclass(frozen=True, slots=True)
class Overview:
    nodes: list[NodeView]
    per_minute: list[int]  # records that arrived, the last minute at the end
    households: int
    collisions: int


def overview(database: Database, known: frozenset[str], now_ms: int) -> Overview:
    """``known`` are the nodes of the fleet list, seen or not yet. Raises LogError."""
    with database.reading() as connection:
        views = _nodes(connection, known)
        per_minute = _per_minute(connection, now_ms)
        clashing = int(connection.scalar(select(func.count()).select_from(collisions)) or 0)
        return Overview(views, per_minute, _households(connection), clashing)


def household_count(database: Database) -> int:
    """Raises LogError."""
    with database.reading() as connection:
        return _households(connection)


def _households(connection: Connection) -> int:
    standing = select(func.count()).select_from(households).where(households.c.removed.is_(False))
    return int(connection.scalar(standing) or 0)


def _nodes(connection: Connection, known: frozenset[str]) -> list[NodeView]:
    seen = {row.node_id: row.last_seen_ms for row in connection.execute(select(nodes))}
    hints = {row.node_id: row for row in connection.execute(select(presence))}
    counts = {row.node_id: row for row in connection.execute(select(fleet))}
    healths = {row.node_id: row for row in connection.execute(select(health))}
    alerts, lanes = _alerts(connection), _lanes(connection)
    views = []
    for node_id in sorted(known | seen.keys()):
        count, row, hint = counts.get(node_id), healths.get(node_id), hints.get(node_id)
        told = _health(row.entry) if row else None
        views.append(
            NodeView(
                node_id,
                seen.get(node_id),
                hint.is_up if hint else None,
                hint.told_at_ms if hint else None,
                count.records if count else 0,
                count.households if count else 0,
                count.quarantined if count else 0,
                _with_waiting(lanes[node_id], told),
                told,
                row.arrived_at_ms if row else None,
                dict(alerts[node_id]),
            )
        )
    return views


def _lanes(connection: Connection) -> defaultdict[str, dict[Lane, LaneView]]:
    sums = select(
        streams.c.node_id,
        streams.c.lane,
        func.sum(streams.c.held_seq),
        func.sum(streams.c.backed_up),
    ).group_by(streams.c.node_id, streams.c.lane)
    found: defaultdict[str, dict[Lane, LaneView]] = defaultdict(dict)
    for node_id, lane, held, backed_up in connection.execute(sums):
        found[node_id][Lane(lane)] = LaneView(int(held), int(backed_up))
    return found


def _with_waiting(lanes: dict[Lane, LaneView], told: NodeHealth | None) -> dict[Lane, LaneView]:
    waiting = {one.lane: one.waiting for one in told.lanes} if told else {}
    return {
        lane: LaneView(known.held, known.backed_up, waiting.get(lane.value))
        for lane in DURABLE
        for known in [lanes.get(lane, LaneView())]
    }


def _alerts(connection: Connection) -> defaultdict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    open_findings = select(findings.c.node_id, findings.c.code, func.count()).where(
        findings.c.acknowledged_at_ms.is_(None)
    )
    rows = connection.execute(open_findings.group_by(findings.c.node_id, findings.c.code)).all()
    for node_id, code, count in rows:
        found[node_id][code] += count
    refused = select(refusal_counts.c.node_id, refusal_counts.c.why, refusal_counts.c.count)
    for node_id, why, count in connection.execute(refused):
        found[node_id][f"refused_{why}"] += count
    return found


def _per_minute(connection: Connection, now_ms: int) -> list[int]:
    """How many records arrived in each of the last minutes."""
    first_ms = now_ms - MINUTES * _MINUTE_MS
    age = (records.c.arrived_at_ms - first_ms) // _MINUTE_MS
    rows = connection.execute(
        select(age.label("minute"), func.count())
        .where(records.c.arrived_at_ms > first_ms)
        .group_by("minute")
    )
    counts = {int(minute): count for minute, count in rows}
    return [counts.get(minute, 0) for minute in range(MINUTES)]


def _health(entry: bytes) -> NodeHealth | None:
    try:
        found = entries.decode(entry)
        told = wire_records.from_body(found.kind, found.body)
    except WireError:
        return None
    return told if isinstance(told, NodeHealth) else None
