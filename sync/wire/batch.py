"""Entries into a sealed batch and back: columns, zstd, the epoch's key, and the chain's hashes."""

from dataclasses import dataclass, replace

from sync.wire import cbor, columns, entries
from sync.wire.compress import compress, decompress
from sync.wire.errors import MalformedError, WireError
from sync.wire.limits import BODY_BYTES_MAX
from sync.wire.messages import Batch, Form, batch_header
from sync.wire.places import Stream
from sync.wire.seal import SegmentKey


@dataclass(frozen=True, slots=True)
class Item:
    """One record as it arrived. ``entry`` is None when nobody can open it: poison, kept whole."""

    hash: bytes
    entry: bytes | None  # canonical
    sealed: bytes | None = None  # as it lay on the node's disk, where it travelled so


def pack(batch: Batch, canonical: list[bytes], key: SegmentKey) -> Batch:
    """Give ``batch`` with the canonical entries as its sealed data, in columns."""
    body = cbor.encode(columns.to_columns([entries.decode(entry) for entry in canonical]))
    whole = replace(batch, count=len(canonical), form=Form.COLUMNS)
    data = key.seal_batch(_place(whole), compress(body), cbor.encode(batch_header(whole)))
    return replace(whole, data=data)


def unpack(batch: Batch, key: SegmentKey) -> list[Item]:
    """Give the records of a batch, in order.

    Raises:
        SealError: columns sealed under another key or header, or altered.
        OversizedError, MalformedError: what was sealed is not what the header says.
    """
    if batch.form is Form.SEALED:
        return _as_they_lie(batch, key)
    packed = key.open_batch(_place(batch), batch.data, cbor.encode(batch_header(batch)))
    body = cbor.decode(decompress(packed, BODY_BYTES_MAX), BODY_BYTES_MAX)
    found = [entries.encode(entry) for entry in columns.from_columns(body)]
    if len(found) != batch.count:
        raise MalformedError("not as many entries as the header says")
    hashes = chain(key, batch.stream, batch.first, batch.previous, found)
    return [Item(*pair) for pair in zip(hashes, found, strict=True)]


def chain(
    key: SegmentKey, stream: Stream, first: int, previous: bytes, canonical: list[bytes]
) -> list[bytes]:
    """Give the hash of each entry, each built on the one before it."""
    hashes: list[bytes] = []
    for seq, entry in enumerate(canonical, start=first):
        previous = key.link(previous, stream.place(seq), entry)
        hashes.append(previous)
    return hashes


def _as_they_lie(batch: Batch, key: SegmentKey) -> list[Item]:
    items: list[Item] = []
    previous = batch.previous
    for seq, (sealed, claimed) in enumerate(batch.data, start=batch.first):
        try:
            entry = entries.unseal(sealed, key, batch.node_id, batch.stream, seq)
        except WireError:
            entry = None  # the disk spoiled it; the signed hash keeps the chain whole
        if entry is not None and key.link(previous, batch.stream.place(seq), entry) != claimed:
            entry = None
        items.append(Item(claimed, entry, sealed))
        previous = claimed
    return items


def _place(batch: Batch) -> bytes:
    # A lane leaves the first three bytes of its place at zero; a batch puts its count there.
    return batch.count.to_bytes(3, "big") + batch.stream.place(batch.first)[3:]
