"""Rows of the outbox into the next batch: in columns where they open, as they lie where not."""

import logging
from collections.abc import Iterable

from sync.store.outbox import Row
from sync.store.store import Store
from sync.wire import entries
from sync.wire.batch import pack
from sync.wire.errors import WireError
from sync.wire.lanes import Lane
from sync.wire.layout import dictionary
from sync.wire.layout.dictionary import NONE, Dictionary
from sync.wire.messages import Batch, Form
from sync.wire.places import NO_HASH, Stream

SHARE_USUAL = 0.3  # of a form's bytes as they lie, in a small batch
SHARE_MIN = 1 / 16  # of what lies: nothing real shrinks further

log = logging.getLogger(__name__)


class Dictionaries:
    """The newest dictionary of each kind that central has sent. Any thread may use it."""

    def __init__(self) -> None:
        self._of_kind: dict[str, Dictionary] = {}

    def replace(self, oldest_first: Iterable[bytes]) -> None:
        """Use these from now on; what this release cannot read is left out."""
        found: dict[str, Dictionary] = {}
        for data in oldest_first:
            try:
                read = dictionary.decode(data)
            except WireError as error:
                log.warning("a dictionary is left out: %s", error)
                continue
            found[read.kind] = read
        self._of_kind = found

    def for_entry(self, canonical: bytes) -> Dictionary:
        return self._of_kind.get(entries.decode(canonical).kind, NONE) if self._of_kind else NONE


class Packer:
    """Fills batches up to a size on the wire, by what the last ones of a lane shrank to."""

    def __init__(self, store: Store, dictionaries: Dictionaries) -> None:
        self._store = store
        self._dictionaries = dictionaries
        self._shares: dict[Lane, float] = {}  # wire bytes for a byte as it lies

    def next_batch(self, stream: Stream, after: int, form: Form, bytes_max: int) -> Batch | None:
        """About ``bytes_max`` bytes of records after ``after``; None when there are none."""
        packs = form is Form.COLUMNS and self._store.segments.key_of(stream.epoch) is not None
        usual = 1.0 if stream.lane is Lane.MEDIA else SHARE_USUAL
        share = self._shares.get(stream.lane, usual) if packs else 1.0
        lying_max = int(bytes_max / share)
        batch, lying = _batch(self._store, stream, after, lying_max, self._choice(form))
        if batch is None or batch.form is not Form.COLUMNS:
            return batch
        self._shares[stream.lane] = min(max(len(batch.data) / lying, SHARE_MIN), 1.0)
        return batch

    def expected(self, lane: Lane, lying: int) -> int:
        """About how many bytes on the wire become of bytes as they lie."""
        usual = 1.0 if lane is Lane.MEDIA else SHARE_USUAL
        return int(lying * self._shares.get(lane, usual))

    def do_without(self) -> None:
        """Central lacks the dictionary: use none until another one is sent."""
        self._dictionaries.replace(())

    def _choice(self, form: Form) -> Dictionaries | None:
        return self._dictionaries if form is Form.COLUMNS else None


def _batch(
    store: Store, stream: Stream, after: int, lying_max: int, choice: Dictionaries | None
) -> tuple[Batch | None, int]:
    """The batch, and how many bytes its records take as they lie. No choice: it stays so."""
    rows = store.rows_after(stream, after, lying_max)
    if not rows:
        return None, 0
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
    canonical = _opened(store, rows) if choice is not None else None
    lying = sum(len(row.sealed) for row in rows)
    if key is None or not canonical or choice is None:
        return sealed, lying
    return pack(sealed, canonical, key, choice.for_entry(canonical[0])), lying


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
