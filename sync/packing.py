"""Rows of the outbox into the next batch: in columns where they open, as they lie where not."""

import logging

from sync.store.outbox import Row
from sync.store.store import Store
from sync.wire.batch import pack
from sync.wire.errors import WireError
from sync.wire.lanes import Lane
from sync.wire.limits import BATCH_BYTES_TARGET
from sync.wire.messages import Batch, Form
from sync.wire.places import NO_HASH, Stream

log = logging.getLogger(__name__)


def next_batch(store: Store, stream: Stream, after: int, form: Form) -> Batch | None:
    """The records after ``after`` that make up one batch; None when there are none."""
    rows = store.rows_after(stream, after, BATCH_BYTES_TARGET)
    if not rows:
        return None
    sealed = Batch(
        store.node_id,
        stream,
        rows[0].seq,
        len(rows),
        _previous(store, stream, rows[0].seq),
        Form.SEALED,
        [[row.sealed, row.hash] for row in rows],
    )
    key = store.segments.key_of(stream.epoch)
    canonical = _opened(store, rows) if form is Form.COLUMNS else None
    return pack(sealed, canonical, key) if key is not None and canonical else sealed


def health_batch(store: Store, seq: int, entry: bytes) -> Batch:
    """One reading of the node's health, under the key of this start."""
    stream = Stream(store.epoch, Lane.HEALTH)
    batch = Batch(store.node_id, stream, seq, 1, NO_HASH, Form.COLUMNS, b"")
    return pack(batch, [entry], store.segments.current)


def _previous(store: Store, stream: Stream, first: int) -> bytes:
    if first > 1:
        return store.hash_at(stream, first - 1) or NO_HASH
    link = store.link_of(stream.epoch)
    base = link.base(stream.lane) if link else None
    return base[1].head if base else NO_HASH


def _opened(store: Store, rows: list[Row]) -> list[bytes] | None:
    """The canonical entries, or None while the key is locked away or a row is spoiled."""
    try:
        opened = [store.open_row(row) for row in rows]
    except WireError as error:
        log.warning("a record was altered on the disk, it is sent as it lies: %s", error)
        return None
    found = [entry for entry in opened if entry is not None]
    return found if len(found) == len(rows) else None
