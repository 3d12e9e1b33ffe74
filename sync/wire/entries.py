"""An entry: one record with the time it was written, as canonical bytes in its chain."""

from dataclasses import dataclass
from typing import Any

from sync.wire import cbor
from sync.wire.compress import Compressor, decompress
from sync.wire.errors import MalformedError, OversizedError
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.places import Stream
from sync.wire.seal import SegmentKey

_LEVEL = 3  # one record is small: more effort buys nothing


@dataclass(frozen=True, slots=True)
class Stamp:
    """When, as far as the node can know. Unix milliseconds; ``None``: no bound is known."""

    reading_ms: int  # the node's own wall clock, which may be wrong by years
    not_before_ms: int | None = None
    not_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """``body`` is what ``records.to_body`` gives; it is kept even when the kind is unknown."""

    kind: str
    stamp: Stamp
    body: dict[str, Any]


def encode(entry: Entry) -> bytes:
    """Raises OversizedError when the record is larger than may travel."""
    return _bounded(cbor.encode(_parts(entry)))


def encode_fresh(entry: Entry) -> bytes:
    """``encode`` for a body just made by ``records.to_body``, which is in order already."""
    return _bounded(cbor.encode_ordered(_parts(entry)))


def decode(data: bytes) -> Entry:
    """Raises OversizedError or MalformedError."""
    return from_parts(cbor.decode(data, RECORD_BYTES_MAX))


def from_parts(parts: object) -> Entry:
    """Raises MalformedError."""
    match parts:
        case [str(kind), int(reading), int() | None as early, int() | None as late, dict(body)]:
            return Entry(kind, Stamp(reading, early, late), body)
        case _:
            raise MalformedError("not an entry")


def compressor() -> Compressor:
    """What packs entries before they are sealed."""
    return Compressor(_LEVEL)


def seal(packed: bytes, key: SegmentKey, node_id: str, stream: Stream, seq: int) -> bytes:
    """Encrypt a compressed entry: bound to its node, epoch, lane and sequence."""
    return key.seal_entry(stream.place(seq), packed, _bound(node_id, stream))


def unseal(sealed: bytes, key: SegmentKey, node_id: str, stream: Stream, seq: int) -> bytes:
    """Give the canonical entry.

    Raises:
        SealError: another key, another place, or altered.
        OversizedError, MalformedError: what was sealed is not an entry.
    """
    packed = key.open_entry(stream.place(seq), sealed, _bound(node_id, stream))
    return decompress(packed, RECORD_BYTES_MAX)


def _parts(entry: Entry) -> list[object]:
    stamp = entry.stamp
    return [entry.kind, stamp.reading_ms, stamp.not_before_ms, stamp.not_after_ms, entry.body]


def _bounded(data: bytes) -> bytes:
    if len(data) > RECORD_BYTES_MAX:
        raise OversizedError(f"a record of {len(data)} bytes, at most {RECORD_BYTES_MAX}")
    return data


def _bound(node_id: str, stream: Stream) -> bytes:
    return node_id.encode() + b"/" + stream.epoch
