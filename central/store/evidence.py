"""Items of evidence at central: sealed as they came, and the chain of who opened them."""

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import Connection, and_, select

from central.store.contents import read
from central.store.evidence_tables import custody_events, evidence_items
from central.store.logged import Logged
from central.store.media import FileKey
from central.store.media_tables import VERIFIED, State, media_originals
from central.store.tables import records
from sync.wire.kinds.evidence import EvidenceGiven, SightingGiven
from sync.wire.places import public_id

Given = EvidenceGiven | SightingGiven


def clear(connection: Connection) -> None:
    """Who had an item stays: no record tells it again."""
    connection.execute(evidence_items.delete())


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add the items among these records."""
    for one in logged:
        given = one.contents.record
        if isinstance(given, EvidenceGiven | SightingGiven) and not one.cloned:
            name = public_id(one.node_id, one.stream, one.seq)
            told = {"public_id": name, "kind": given.kind, "came_at_ms": one.arrived_at_ms}
            connection.execute(evidence_items.insert(), one.place() | told)


def find(connection: Connection, name: str) -> tuple[str, Given] | None:
    """The node and the record of an item, still sealed; None: central does not have it."""
    key = ("node_id", "epoch", "lane", "seq")
    same = and_(*(evidence_items.c[one] == records.c[one] for one in key))
    row = connection.execute(
        select(records.c.node_id, records.c.entry)
        .select_from(evidence_items.join(records, same))
        .where(evidence_items.c.public_id == name)
    ).first()
    if row is None:
        return None
    given = read(row.entry).record
    assert isinstance(given, EvidenceGiven | SightingGiven)
    return row.node_id, given


def file_of(connection: Connection, node_id: str, sha256: bytes) -> tuple[FileKey, State] | None:
    """A sealed file that is whole here; None: not yet."""
    of_file = media_originals.c.node_id == node_id, media_originals.c.sha256 == sha256
    for row in connection.execute(select(media_originals).where(*of_file)):
        if row.state in VERIFIED:
            return FileKey(node_id, sha256, row.size), State(row.state)
    return None


def note(connection: Connection, name: str, statement: bytes, said: dict[str, object]) -> None:
    """Add an act to the item's chain: each names the SHA-256 of the one before it.

    The first names that of the node's statement. ``said`` tells who, what, when and why.
    """
    chain = custody(connection, name)
    previous = hashlib.sha256(chain[-1] if chain else statement).hexdigest()
    numbered = {"number": len(chain) + 1, "previous_sha256": previous} | said
    event = json.dumps(numbered, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    row = {"public_id": name, "number": len(chain) + 1, "event": event}
    connection.execute(custody_events.insert(), row)


def custody(connection: Connection, name: str) -> list[bytes]:
    """The chain, the first act first."""
    of_item = select(custody_events.c.event).where(custody_events.c.public_id == name)
    return list(connection.scalars(of_item.order_by(custody_events.c.number)))
