"""What operations must hear of: refusals (bounded), findings (each once), health and presence."""

from sqlalchemy import Connection, func, or_, select

from central.store.tables import findings, health, presence, refusal_counts, refusals
from central.store.upserts import insert
from sync.core.receiver import Finding
from sync.wire.messages import Refused

REFUSALS_KEPT = 20  # messages a node, the newest; all are counted
FINDINGS_KEPT = 200  # a node and code: a person needs no more to see that something is wrong


def count_refusal(
    connection: Connection, node_id: str, why: Refused, message: bytes, now_ms: int
) -> None:
    """Count a message that was not taken, and keep it in the place of the oldest."""
    row = {"node_id": node_id, "why": why.value, "message": message, "refused_at_ms": now_ms}
    connection.execute(refusals.insert(), row)
    newest = (
        select(refusals.c.refusal_id)
        .where(refusals.c.node_id == node_id)
        .order_by(refusals.c.refusal_id.desc())
        .limit(REFUSALS_KEPT)
    )
    connection.execute(
        refusals.delete().where(refusals.c.node_id == node_id, refusals.c.refusal_id.not_in(newest))
    )
    statement = insert(connection, refusal_counts).values(
        node_id=node_id, why=why.value, count=1, last_at_ms=now_ms
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["node_id", "why"],
            set_={"count": refusal_counts.c.count + 1, "last_at_ms": now_ms},
        )
    )


def note_finding(connection: Connection, node_id: str, finding: Finding, now_ms: int) -> None:
    """Enter a finding once, however often it is found."""
    mine = (findings.c.node_id == node_id, findings.c.code == finding.code.value)
    counted = select(func.count()).select_from(findings).where(*mine)
    if (connection.scalar(counted) or 0) >= FINDINGS_KEPT:
        return
    statement = insert(connection, findings).values(
        node_id=node_id,
        code=finding.code.value,
        epoch=finding.epoch,
        stream_epoch=finding.stream.epoch,
        lane=finding.stream.lane.value,
        seq=finding.seq,
        found_at_ms=now_ms,
    )
    connection.execute(statement.on_conflict_do_nothing())


def replace_health(
    connection: Connection, node_id: str, place: tuple[bytes, int], entry: bytes, now_ms: int
) -> None:
    """``place`` is (epoch, seq): an older reading of the same epoch changes nothing."""
    epoch, seq = place
    change = {"epoch": epoch, "seq": seq, "entry": entry, "arrived_at_ms": now_ms}
    connection.execute(
        insert(connection, health)
        .values(node_id=node_id, **change)
        .on_conflict_do_update(
            index_elements=["node_id"],
            set_=change,
            where=or_(health.c.epoch != epoch, health.c.seq < seq),
        )
    )


def note_presence(
    connection: Connection, node_id: str, epoch: bytes, now_ms: int, *, is_up: bool
) -> None:
    """Enter a birth, or a will of the epoch that was born last: older wills are stale."""
    change = {"epoch": epoch, "is_up": is_up, "told_at_ms": now_ms}
    born_last = None if is_up else presence.c.epoch == epoch
    connection.execute(
        insert(connection, presence)
        .values(node_id=node_id, **change)
        .on_conflict_do_update(index_elements=["node_id"], set_=change, where=born_last)
    )
