"""Entries into a sealed batch and back: columns, zstd, the epoch's key, and the chain's hashes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.wire import cbor, columns, entries
from sync.wire.compress import compress, decompress
from sync.wire.errors import DictionaryError, MalformedError, OversizedError, WireError
from sync.wire.layout.books import Read
from sync.wire.layout.dictionary import NONE, Dictionary
from sync.wire.limits import BODY_BYTES_MAX, MESSAGE_BYTES_MAX, UNPACKED_BYTES_MAX
from sync.wire.messages import Batch, Form, batch_header
from sync.wire.places import Stream
from sync.wire.seal import SegmentKey

# Gives a dictionary by its name; None: it is not here.
Dictionaries = Callable[[bytes], Dictionary | None]

LEVEL = 19  # heads are small, and the link is dearer than the processor


def no_dictionaries(_name: bytes) -> Dictionary | None:
    return None


@dataclass(frozen=True, slots=True)
class Item:
    """One record as it arrived. ``entry`` is None when nobody can open it: poison, kept whole."""

    hash: bytes
    entry: bytes | None  # canonical
    sealed: bytes | None = None  # as it lay on the node's disk, where it travelled so


def pack(
    batch: Batch, canonical: list[bytes], key: SegmentKey, dictionary: Dictionary = NONE
) -> Batch:
    """Give ``batch`` with the canonical entries as its sealed data, in columns."""
    out = columns.write([entries.decode(entry) for entry in canonical], dictionary)
    name = b"" if dictionary is NONE else dictionary.name
    heads = compress(cbor.encode(out.heads), LEVEL, dictionary.prefix)
    whole = replace(batch, count=len(canonical), form=Form.COLUMNS)
    body = cbor.encode([name, heads, bytes(out.raw)])
    data = key.seal_batch(_place(whole), body, cbor.encode(batch_header(whole)))
    return replace(whole, data=data)


def unpack(
    batch: Batch, key: SegmentKey, dictionaries: Dictionaries = no_dictionaries
) -> list[Item]:
    """Give the records of a batch, in order.

    Raises:
        SealError: columns sealed under another key or header, or altered.
        DictionaryError: packed with a dictionary that is not here.
        OversizedError, MalformedError: what was sealed is not what the header says.
    """
    if batch.form is Form.SEALED:
        return _as_they_lie(batch, key)
    packed = key.open_batch(_place(batch), batch.data, cbor.encode(batch_header(batch)))
    found = _canonical(batch.count, packed, dictionaries)
    hashes = chain(key, batch.stream, batch.first, batch.previous, found)
    return [Item(*pair) for pair in zip(hashes, found, strict=True)]


def _canonical(count: int, packed: bytes, dictionaries: Dictionaries) -> list[bytes]:
    match cbor.decode(packed, MESSAGE_BYTES_MAX):
        case [bytes(name), bytes(heads), bytes(raw)]:
            dictionary = _known(name, dictionaries)
        case _:
            raise MalformedError("not columns of entries")
    body = cbor.decode(decompress(heads, BODY_BYTES_MAX, dictionary.prefix), BODY_BYTES_MAX)
    if type(body) is not list:
        raise MalformedError("not columns of entries")
    found: list[bytes] = []
    room = UNPACKED_BYTES_MAX
    for entry in columns.read(count, Read(dictionary, body, raw)):
        found.append(entries.encode(entry))
        room -= len(found[-1])
        if room < 0:
            raise OversizedError(f"unpacks to more than {UNPACKED_BYTES_MAX} bytes")
    return found


def _known(name: bytes, dictionaries: Dictionaries) -> Dictionary:
    if not name:
        return NONE
    dictionary = dictionaries(name)
    if dictionary is None:
        raise DictionaryError("packed with a dictionary that is not here")
    return dictionary


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
