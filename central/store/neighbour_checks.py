"""Documents that central judged for neighbours' verifiers: what came of it, nothing of them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection

from central.store.tables import neighbour_checks
from sync.wire.kinds.document import DocumentChecked


def add(connection: Connection, checks: Sequence[DocumentChecked], at_ms: int) -> None:
    """They are central's own: no node's log holds them, and none derives them anew."""
    rows = [asdict(one) | {"checked_at_ms": at_ms} for one in checks]
    connection.execute(neighbour_checks.insert(), rows)
