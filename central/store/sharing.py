"""Which nodes hold a household, and how every edit reaches all of them.

A node holds what it registered, what it edited, and what central shared with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select, union

from central.errors import LogRefusedError
from central.store import edited, letters
from central.store import tables as t
from central.store.logged import Logged
from sync.wire.kinds.household import HouseholdEdited, HouseholdShared


def pass_on(connection: Connection, logged: Sequence[Logged], now_ms: int) -> None:
    """Put the edits among fresh records into the mailboxes of the other nodes that hold it."""
    for one in logged:
        edit = edited.edit_of(one)
        if edit is not None:
            others = holders(connection, edit.about) - {one.node_id}
            _send(connection, others, [(one.node_id, edit)], now_ms)
    for about in sorted(edited.awaited(connection, logged)):  # edits that were here before it
        home = {one.node_id for one in logged}
        written = edited.edits_of(connection, about)
        _send(connection, home, [pair for pair in written if pair[0] not in home], now_ms)


def holders(connection: Connection, about: str) -> set[str]:
    registered = select(t.households.c.node_id).where(t.households.c.public_id == about)
    edits = select(t.edits.c.node_id).where(t.edits.c.about == about)
    shared = select(t.letters.c.node_id).where(
        t.letters.c.about == about, t.letters.c.kind == HouseholdShared.kind
    )
    return set(connection.execute(union(registered, edits, shared)).scalars())


def whole(connection: Connection, about: str) -> HouseholdShared:
    """A household for a node that shall hold it too.

    Raises:
        LogRefusedError: central holds no such household.
    """
    found = edited.first_of(connection, about)
    if found is None:
        raise LogRefusedError(f"Central holds no household {about}: check the number.")
    row, first = found
    written = edited.edits_of(connection, about)
    edits = tuple(replace(edit, written_at=node_id) for node_id, edit in written)
    return HouseholdShared(about, first, row.reading_ms or 0, edits)


def _send(
    connection: Connection,
    nodes: Iterable[str],
    written: Sequence[tuple[str, HouseholdEdited]],
    now_ms: int,
) -> None:
    for node_id in sorted(nodes):
        for writer, edit in written:
            letters.write(connection, node_id, replace(edit, written_at=writer), now_ms)
