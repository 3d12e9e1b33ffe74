"""The fields of messages: plain values of CBOR as what they must be, or refused."""

from typing import Any

from sync.wire.errors import OversizedError
from sync.wire.lanes import Lane
from sync.wire.limits import STREAMS_MAX
from sync.wire.places import EPOCH_BYTES, HASH_BYTES, Mark, Stream

# What is not of its type raises TypeError or ValueError; the reader of the message translates it.


def of_stream(stream: Stream) -> list[Any]:
    return [stream.epoch, stream.lane.value]


def of_mark(mark: Mark) -> list[Any]:
    return [mark.seq, mark.head]


def to_stream(epoch: Any, lane: Any) -> Stream:
    return Stream(to_bytes(epoch, EPOCH_BYTES), Lane(lane))


def to_mark(seq: Any, head: Any) -> Mark:
    return Mark(to_whole(seq), to_bytes(head, HASH_BYTES))


def to_bytes(value: Any, length: int | None = None) -> bytes:
    if type(value) is not bytes or (length is not None and len(value) != length):
        raise TypeError("not the bytes that belong here")
    return value


def to_whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError("not a whole number")
    return value


def to_text(value: Any, chars_max: int) -> str:
    if type(value) is not str or len(value) > chars_max:
        raise TypeError("not the text that belongs here")
    return value


def few(items: Any) -> list[Any]:
    """Raises OversizedError for more than a message may name."""
    if not isinstance(items, list):
        raise TypeError("not a list")
    if len(items) > STREAMS_MAX:
        raise OversizedError(f"{len(items)} items, at most {STREAMS_MAX}")
    return items
