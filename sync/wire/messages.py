"""The messages that travel, as dataclasses, and their bytes.

Hello, epoch and batch are the writer's, ack the reader's; node and central are both. Carried takes
the messages of others along; want and piece bring the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from sync.wire import carried, cbor, fields, pieces
from sync.wire.carried import Carried
from sync.wire.errors import MalformedError, VersionError
from sync.wire.lanes import Lane
from sync.wire.limits import MESSAGE_BYTES_MAX, RECORDS_MAX
from sync.wire.pieces import Piece, Want
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
    DICTIONARY = "dictionary"  # packed with one that central lacks: pack without


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


Message = Hello | EpochLink | Batch | Ack | Carried | Want | Piece


def encode(message: Message) -> bytes:
    """Give the payload to sign."""
    parts: list[Any]
    match message:
        case Hello():
            holdings = [
                [*fields.of_stream(h.stream), *fields.of_mark(h.floor), *fields.of_mark(h.newest)]
                for h in message.holdings
            ]
            parts = [1, message.node_id, message.nonce, message.epoch, holdings]
        case EpochLink():
            follows = [
                [*fields.of_stream(stream), *fields.of_mark(mark)]
                for stream, mark in message.follows
            ]
            parts = [2, message.node_id, message.epoch, follows, message.sealed_key]
        case Batch():
            parts = [3, *batch_header(message), message.data]
        case Ack():
            marks = [
                [*fields.of_stream(m.stream), *fields.of_mark(m.held), m.backed_up]
                for m in message.marks
            ]
            refused = [
                [*fields.of_stream(s), first, why.value] for s, first, why in message.refused
            ]
            parts = [4, message.node_id, message.central_ms, message.nonce, marks]
            parts += [list(message.asks), message.wants_hello, refused]
        case Carried():
            parts = [5, *carried.parts(message)]
        case Want():
            parts = [6, *pieces.want_parts(message)]
        case Piece():
            parts = [7, *pieces.piece_parts(message)]
    return cbor.encode([VERSION, *parts])


def batch_header(batch: Batch) -> list[Any]:
    """What stands before a batch's data; the seal is bound to it."""
    place = [*fields.of_stream(batch.stream), batch.first, batch.count]
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


def _hello(node_id: Any, nonce: Any, epoch: Any, holdings: Any) -> Hello:
    return Hello(
        check_node_id(node_id),
        fields.to_bytes(nonce, NONCE_BYTES),
        fields.to_bytes(epoch, EPOCH_BYTES),
        tuple(
            Holding(fields.to_stream(e, lane), fields.to_mark(f, fh), fields.to_mark(n, nh))
            for e, lane, f, fh, n, nh in fields.few(holdings)
        ),
    )


def _epoch(node_id: Any, epoch: Any, follows: Any, sealed_key: Any) -> EpochLink:
    bases = tuple(
        (fields.to_stream(parent, lane), fields.to_mark(seq, head))
        for parent, lane, seq, head in fields.few(follows)
    )
    if len({stream.lane for stream, _ in bases}) != len(bases):
        raise ValueError("a lane follows one stream")
    return EpochLink(
        check_node_id(node_id),
        fields.to_bytes(epoch, EPOCH_BYTES),
        bases,
        fields.to_bytes(sealed_key),
    )


def segment_info(node_id: str, epoch: bytes) -> bytes:
    """What a sealed segment key is bound to."""
    return b"nezlam/1 segment " + node_id.encode() + b"/" + epoch


def _batch(*parts: Any) -> Batch:
    node_id, epoch, lane, first, count, previous, form, data = parts
    stream = fields.to_stream(epoch, lane)
    if fields.to_whole(first) < 1 or not 1 <= fields.to_whole(count) <= RECORDS_MAX:
        raise ValueError("an impossible range")
    batch = Batch(
        check_node_id(node_id),
        stream,
        first,
        count,
        fields.to_bytes(previous, HASH_BYTES),
        Form(form),
        data,
    )
    if batch.form is Form.SEALED:
        if not isinstance(data, list) or len(data) != count:
            raise ValueError("not as many entries as the header says")
        for sealed, link in data:
            fields.to_bytes(sealed), fields.to_bytes(link, HASH_BYTES)
    else:
        fields.to_bytes(data)
    return batch


def _ack(*parts: Any) -> Ack:
    node_id, central_ms, nonce, marks, asks, wants_hello, refused = parts
    if type(wants_hello) is not bool:
        raise TypeError("not a yes or no")
    return Ack(
        check_node_id(node_id),
        fields.to_whole(central_ms),
        None if nonce is None else fields.to_bytes(nonce, NONCE_BYTES),
        tuple(
            AckMark(
                fields.to_stream(e, lane), fields.to_mark(seq, head), fields.to_whole(backed_up)
            )
            for e, lane, seq, head, backed_up in fields.few(marks)
        ),
        tuple(fields.to_bytes(epoch, EPOCH_BYTES) for epoch in fields.few(asks)),
        wants_hello,
        tuple(
            (fields.to_stream(e, ln), fields.to_whole(f), Refused(why))
            for e, ln, f, why in fields.few(refused)
        ),
    )


_READERS: dict[object, Callable[..., Message]] = {
    1: _hello,
    2: _epoch,
    3: _batch,
    4: _ack,
    5: carried.read,
    6: pieces.read_want,
    7: pieces.read_piece,
}
