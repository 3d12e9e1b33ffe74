"""Which key followed which, by the nodes' own records; and which of them was heard since.

Rows are only added: what was heard is in no record. Without it the old key would be believed until
the new one is heard again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from central.store.key_tables import node_keys
from central.store.logged import Logged
from central.store.upserts import insert
from sync.wire import succession
from sync.wire.errors import WireError
from sync.wire.kinds.keys import KeyRotated


@dataclass(frozen=True, slots=True)
class Step:
    """``new`` may follow ``old``; once heard, it has. Public keys, 32 bytes."""

    old: bytes
    new: bytes
    is_heard: bool = False


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """A copied machine's count too: what gives them weight is the old key, not the stream."""
    for one in logged:
        record = one.contents.record
        if not isinstance(record, KeyRotated):
            continue
        try:
            said = succession.read(record.succession)
        except WireError:
            continue  # it names no key that anybody need believe
        if said.node_id == one.node_id:
            row = {"node_id": said.node_id, "old": said.old, "new": said.new}
            fresh = insert(connection, node_keys).values(**row, arrived_at_ms=one.arrived_at_ms)
            connection.execute(fresh.on_conflict_do_nothing())


def steps(connection: Connection, node_id: str | None = None) -> dict[str, list[Step]]:
    """Of one node or of all, by node."""
    own = [] if node_id is None else [node_keys.c.node_id == node_id]
    found: defaultdict[str, list[Step]] = defaultdict(list)
    for row in connection.execute(select(node_keys).where(*own)):
        found[row.node_id].append(Step(row.old, row.new, row.heard_at_ms is not None))
    return found


def hear(connection: Connection, node_id: str, step: Step, now_ms: int) -> None:
    """Something signed by the new key came."""
    connection.execute(
        update(node_keys)
        .where(
            node_keys.c.node_id == node_id,
            node_keys.c.old == step.old,
            node_keys.c.new == step.new,
            node_keys.c.heard_at_ms.is_(None),
        )
        .values(heard_at_ms=now_ms)
    )
