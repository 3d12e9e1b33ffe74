"""The four messages that travel, as dataclasses: hello, epoch and batch go up, ack comes down."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from sync.wire import cbor
from sync.wire.errors import MalformedError, OversizedError, VersionError
from sync.wire.lanes import Lane
from sync.wire.limits import MESSAGE_BYTES_MAX, RECORDS_MAX, STREAMS_MAX
from sync.wire.places import EPOCH_BYTES, HASH_BYTES, Mark, Stream
from sync.wire.topics import check_node_id

VERSION = 1
NONCE_BYTES = 8


class Form(IntEnum):
    """How a batch carries its entries."""

    COLUMNS = 1  # packed together and sealed once, while the epoch's key is at hand
    SEALED = 2  # entry by entry as they lie on the disk: drop-box mode


class Refused(StrEnum):
    """Why central would not take a batch; the node backs off, and people are told."""

    SIGNATURE = "signature"
    SEAL = "seal"
    MALFORMED = "malformed"
    CONFLICT = "conflict"  # central holds other records under the same names


@dataclass(frozen=True, slots=True)
class Holding:
    """What a node still has of a stream: records after ``floor`` up to ``newest``."""

    stream: Stream
    floor: Mark  # the last record already purged; the beginning if none
    newest: Mark


@dataclass(frozen=True, slots=True)
class Hello:
    """A node says what it holds; central answers with an ack that repeats ``nonce``."""

    node_id: str
    nonce: bytes
    epoch: bytes  # of this start, even if nothing was written yet
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class EpochLink:
    """An epoch begins: what each lane follows, and its segment key sealed to central."""

    node_id: str
    epoch: bytes
    follows: tuple[tuple[Stream, Mark], ...]  # the end of each lane at this start, at most one each
    sealed_key: bytes

    def base(self, lane: Lane) -> tuple[Stream, Mark] | None:
        """The stream and mark that this epoch's records in ``lane`` continue; None: the first."""
        return next((link for link in self.follows if link[0].lane is lane), None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records ``first`` .. ``first + count - 1`` of a stream, chained to ``previous``."""

    node_id: str
    stream: Stream
    first: int
    count: int
    previous: bytes
    form: Form
    data: Any  # sealed columns as bytes, or a [sealed entry, hash] for each

    @property
    def last(self) -> int:
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class AckMark:
    """Central holds a stream up to ``held``; up to ``backed_up`` it has left central's machine."""

    stream: Stream
    held: Mark
    backed_up: int


@dataclass(frozen=True, slots=True)
class Ack:
    """Central's statement to one node. Cumulative and idempotent; it may come late or twice."""

    node_id: str
    central_ms: int  # central's clock: a signed beacon
    nonce: bytes | None  # of the hello that this answers
    marks: tuple[AckMark, ...]
    asks: tuple[bytes, ...] = ()  # epochs whose link central lacks
    wants_hello: bool = False
    refused: tuple[tuple[Stream, int, Refused], ...] = ()  # stream, first, why


Message = Hello | EpochLink | Batch | Ack


def encode(message: Message) -> bytes:
    """Give the payload to sign."""
    parts: list[Any]
    match message:
        case Hello():
            holdings = [
                [*_stream(h.stream), *_mark(h.floor), *_mark(h.newest)] for h in message.holdings
            ]
            parts = [1, message.node_id, message.nonce, message.epoch, holdings]
        case EpochLink():
            follows = [[*_stream(stream), *_mark(mark)] for stream, mark in message.follows]
            parts = [2, message.node_id, message.epoch, follows, message.sealed_key]
        case Batch():
            parts = [3, *batch_header(message), message.data]
        case Ack():
            marks = [[*_stream(m.stream), *_mark(m.held), m.backed_up] for m in message.marks]
            refused = [[*_stream(s), first, why.value] for s, first, why in message.refused]
            parts = [4, message.node_id, message.central_ms, message.nonce, marks]
            parts += [list(message.asks), message.wants_hello, refused]
    return cbor.encode([VERSION, *parts])


def batch_header(batch: Batch) -> list[Any]:
    """What stands before a batch's data; the seal is bound to it."""
    place = [*_stream(batch.stream), batch.first, batch.count]
    return [batch.node_id, *place, batch.previous, batch.form.value]


def decode(payload: bytes) -> Message:
    """Read the payload of a message whose signature was verified.

    Raises:
        OversizedError, MalformedError: not a message of this protocol.
        VersionError: a version that this side does not speak.
    """
    parts = cbor.decode(payload, MESSAGE_BYTES_MAX)
    if not isinstance(parts, list) or len(parts) < 2 or type(parts[0]) is not int:
        raise MalformedError("not a message")
    if parts[0] != VERSION:
        raise VersionError(f"version {parts[0]}, this side speaks {VERSION}")
    try:
        return _READERS[parts[1]](*parts[2:])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError("not a message of this version") from error


def node_id_of(payload: bytes) -> str:
    """Give the node that a message claims to concern, whatever its type; same errors."""
    return decode(payload).node_id


def _hello(node_id: Any, nonce: Any, epoch: Any, holdings: Any) -> Hello:
    return Hello(
        check_node_id(node_id),
        _bytes(nonce, NONCE_BYTES),
        _bytes(epoch, EPOCH_BYTES),
        tuple(
            Holding(_to_stream(e, lane), _to_mark(f, fh), _to_mark(n, nh))
            for e, lane, f, fh, n, nh in _few(holdings)
        ),
    )


def _epoch(node_id: Any, epoch: Any, follows: Any, sealed_key: Any) -> EpochLink:
    bases = tuple(
        (_to_stream(parent, lane), _to_mark(seq, head)) for parent, lane, seq, head in _few(follows)
    )
    if len({stream.lane for stream, _ in bases}) != len(bases):
        raise ValueError("a lane follows one stream")
    return EpochLink(check_node_id(node_id), _bytes(epoch, EPOCH_BYTES), bases, _bytes(sealed_key))


def segment_info(node_id: str, epoch: bytes) -> bytes:
    """What a sealed segment key is bound to."""
    return b"nezlam/1 segment " + node_id.encode() + b"/" + epoch


def _batch(*parts: Any) -> Batch:
    node_id, epoch, lane, first, count, previous, form, data = parts
    stream = _to_stream(epoch, lane)
    if _whole(first) < 1 or not 1 <= _whole(count) <= RECORDS_MAX:
        raise ValueError("an impossible range")
    batch = Batch(
        check_node_id(node_id), stream, first, count, _bytes(previous, HASH_BYTES), Form(form), data
    )
    if batch.form is Form.SEALED:
        if not isinstance(data, list) or len(data) != count:
            raise ValueError("not as many entries as the header says")
        for sealed, link in data:
            _bytes(sealed), _bytes(link, HASH_BYTES)
    else:
        _bytes(data)
    return batch


def _ack(*parts: Any) -> Ack:
    node_id, central_ms, nonce, marks, asks, wants_hello, refused = parts
    if type(wants_hello) is not bool:
        raise TypeError("not a yes or no")
    return Ack(
        check_node_id(node_id),
        _whole(central_ms),
        None if nonce is None else _bytes(nonce, NONCE_BYTES),
        tuple(
            AckMark(_to_stream(e, lane), _to_mark(seq, head), _whole(backed_up))
            for e, lane, seq, head, backed_up in _few(marks)
        ),
        tuple(_bytes(epoch, EPOCH_BYTES) for epoch in _few(asks)),
        wants_hello,
        tuple((_to_stream(e, ln), _whole(f), Refused(why)) for e, ln, f, why in _few(refused)),
    )


_READERS: dict[object, Callable[..., Message]] = {1: _hello, 2: _epoch, 3: _batch, 4: _ack}


def _stream(stream: Stream) -> list[Any]:
    return [stream.epoch, stream.lane.value]


def _mark(mark: Mark) -> list[Any]:
    return [mark.seq, mark.head]


def _to_stream(epoch: Any, lane: Any) -> Stream:
    return Stream(_bytes(epoch, EPOCH_BYTES), Lane(lane))


def _to_mark(seq: Any, head: Any) -> Mark:
    return Mark(_whole(seq), _bytes(head, HASH_BYTES))


def _bytes(value: Any, length: int | None = None) -> bytes:
    if type(value) is not bytes or (length is not None and len(value) != length):
        raise TypeError("not the bytes that belong here")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError("not a whole number")
    return value


def _few(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise TypeError("not a list")
    if len(items) > STREAMS_MAX:
        raise OversizedError(f"{len(items)} streams, at most {STREAMS_MAX}")
    return items
