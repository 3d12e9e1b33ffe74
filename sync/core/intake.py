"""From signed bytes to one transaction and one ack a node. The ack leaves only after the commit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.core import receiver
from sync.core.receiver import Book, Finding, FindingCode, Verdict
from sync.core.shelf import Log, Shelf
from sync.wire import messages
from sync.wire.batch import Dictionaries, Item, no_dictionaries, unpack
from sync.wire.carried import Carried
from sync.wire.errors import DictionaryError, SealError, WireError
from sync.wire.lanes import Lane
from sync.wire.limits import STREAMS_MAX
from sync.wire.messages import (
    Ack,
    AckMark,
    Batch,
    EpochLink,
    Hello,
    Message,
    Refused,
    segment_info,
)
from sync.wire.pieces import Piece, Want
from sync.wire.places import Mark, Stream
from sync.wire.seal import OpeningKey, OpeningRing, SegmentKey
from sync.wire.sign import VerifyingKey, sign, verified

Own = Hello | EpochLink | Batch | Ack | Want  # what a node says of itself

_KEYS_KEPT = 4096  # segment keys opened and remembered, over all nodes


@dataclass(slots=True)
class _Draft:
    marks: dict[Stream, AckMark] = field(default_factory=dict)
    asks: set[bytes] = field(default_factory=set)
    refused: list[tuple[Stream, int, Refused]] = field(default_factory=list)
    nonce: bytes | None = None
    wants_hello: bool = False
    answers: bool = False  # a hello is answered even when there is nothing to say


class Intake:
    """Feed it groups of messages; send the acks that it gives back.

    Attributes:
        on_ack: who is told what a node has of central's words.
        on_hello: told (node, epoch) of each hello.
        on_want: who answers what nodes want of the catalogue.
        on_carried: told (relay, node) for each parcel that is truly the node's: a way back to it.
    """

    def __init__(
        self,
        log: Log,
        signing: Ed25519PrivateKey,
        opening: OpeningKey | OpeningRing,
        node_key: Callable[[str], VerifyingKey | None],
        dictionaries: Dictionaries = no_dictionaries,
    ) -> None:
        self.on_ack: Callable[[Ack], None] = lambda _: None
        self.on_hello: Callable[[str, bytes], None] = lambda *_: None
        self.on_want: Callable[[Want], None] = lambda _: None
        self.on_carried: Callable[[str, str], None] = lambda *_: None
        self._log = log
        self._signing = signing
        self._opening = opening
        self._node_key = node_key
        self._dictionaries = dictionaries
        self._keys: dict[tuple[str, bytes], SegmentKey] = {}

    def take(self, group: Iterable[tuple[str, bytes]], now_ms: int) -> list[tuple[str, bytes]]:
        """Store what is new of (node id, signed message) pairs; give (node id, signed ack) pairs.

        Raises what the log raises when the transaction fails; then nothing is stored or acked.
        """
        drafts: dict[str, _Draft] = {}
        with self._log.group(now_ms) as shelf:
            for node_id, data in group:
                self._message(shelf, node_id, data, drafts)
        return [
            (node_id, self.seal_ack(_ack(node_id, draft, now_ms)))
            for node_id, draft in drafts.items()
            if draft.answers
        ]

    def seal_ack(self, ack: Message) -> bytes:
        return sign(messages.encode(ack), self._signing)

    def key_of(self, link: EpochLink) -> SegmentKey:
        """The segment key of a node's start. Raises SealError."""
        return self._open(link)

    def _message(self, shelf: Shelf, node_id: str, data: bytes, drafts: dict[str, _Draft]) -> None:
        message = self._authentic(node_id, data)
        if message is None:
            shelf.refused(node_id, Refused.SIGNATURE, data)
        elif isinstance(message, Carried):
            self._carried(shelf, message, data, drafts)
        else:
            self._heard(shelf, message, data, drafts.setdefault(node_id, _Draft()))

    def _carried(
        self, shelf: Shelf, carried: Carried, data: bytes, drafts: dict[str, _Draft]
    ) -> None:
        """Each parcel is judged as if it had come by itself; spoiled ones count for the relay."""
        spoiled = False
        for parcel in carried.parcels:
            node_id = parcel.node_id
            message = self._authentic(node_id, parcel.message)
            if message is None or isinstance(message, Carried):
                spoiled = True
                continue
            self.on_carried(carried.node_id, node_id)
            self._heard(shelf, message, parcel.message, drafts.setdefault(node_id, _Draft()))
        if spoiled:
            shelf.refused(carried.node_id, Refused.SIGNATURE, data)

    def _heard(self, shelf: Shelf, message: Own, data: bytes, draft: _Draft) -> None:
        match message:
            case Ack():
                self.on_ack(message)
            case Want():
                self.on_want(message)
            case Hello():
                draft.answers = True
                self._hello(shelf, message, draft)
                self.on_hello(message.node_id, message.epoch)
            case EpochLink():
                self._link(shelf, message, data)
            case Batch() if message.stream.lane is Lane.HEALTH:
                self._health(shelf, message, draft)
            case Batch():
                draft.answers = True
                self._batch(shelf, message, data, draft)

    def _authentic(self, node_id: str, data: bytes) -> Own | Carried | None:
        """Give the message if this node signed it and speaks for itself."""
        key = self._node_key(node_id)
        if key is None:
            return None
        try:
            message = messages.decode(verified(data, key))
        except WireError:
            return None
        if isinstance(message, Piece) or message.node_id != node_id:
            return None
        return message

    def _hello(self, shelf: Shelf, hello: Hello, draft: _Draft) -> None:
        shelf.told(hello)
        book = shelf.book(hello.node_id)
        draft.nonce = hello.nonce
        if hello.epoch not in book.links:  # without it nothing could be said to this start
            draft.asks.add(hello.epoch)
        whole = len(hello.holdings) < STREAMS_MAX
        for stream, mark in receiver.missing_forever(book, hello, whole=whole):
            for finding in receiver.concede(book, stream, mark):
                shelf.concede(hello.node_id, stream, mark)
                shelf.found(hello.node_id, finding)
        for holding in hello.holdings:
            stream = holding.stream
            if stream.epoch not in book.links:
                draft.asks.add(stream.epoch)
            if self._agrees(shelf, hello.node_id, stream, holding.newest):
                draft.marks[stream] = _ack_mark(book, stream, holding.newest)

    def _agrees(self, shelf: Shelf, node_id: str, stream: Stream, newest: Mark) -> bool:
        """Whether central's history of a stream passes through the node's newest record."""
        if shelf.book(node_id).mark(stream).seq < newest.seq:
            return True
        if shelf.hash_at(node_id, stream, newest.seq) in (newest.head, None):
            return True
        shelf.found(node_id, Finding(FindingCode.CONFLICT, stream.epoch, stream, newest.seq))
        return False

    def _link(self, shelf: Shelf, link: EpochLink, data: bytes) -> None:
        try:
            self._open(link)
        except SealError:
            shelf.refused(link.node_id, Refused.SEAL, data)
            return
        book = shelf.book(link.node_id)
        if link.epoch in book.links:
            return
        shelf.keep(link.node_id, data)
        shelf.link(link)
        for finding in receiver.admit(book, link):
            shelf.found(link.node_id, finding)

    def _batch(self, shelf: Shelf, batch: Batch, data: bytes, draft: _Draft) -> None:
        book = shelf.book(batch.node_id)
        match receiver.judge(book, batch):
            case Verdict.EPOCH_UNKNOWN:
                draft.asks.add(batch.stream.epoch)
            case Verdict.GAP | Verdict.PARENT_FIRST:
                draft.wants_hello = True
            case Verdict.CONFLICT:
                self._conflict(shelf, batch, data, draft)
            case verdict:
                items = self._items(shelf, batch, data, draft)
                if items is None:
                    return
                if verdict is Verdict.NEW:
                    self._append(shelf, batch, items, data, draft)
                    return
                stored = shelf.hash_at(batch.node_id, batch.stream, batch.last)
                if stored not in (items[-1].hash, None):
                    self._conflict(shelf, batch, data, draft)
                else:
                    if stored is None:  # given up for lost, and late: kept for a person
                        shelf.refused(batch.node_id, Refused.CONFLICT, data)
                    newest = Mark(batch.last, items[-1].hash)
                    draft.marks[batch.stream] = _ack_mark(book, batch.stream, newest)

    def _append(
        self, shelf: Shelf, batch: Batch, items: list[Item], data: bytes, draft: _Draft
    ) -> None:
        book = shelf.book(batch.node_id)
        held = book.mark(batch.stream)
        known = held.seq + 1 - batch.first  # how many of its first records are held already
        if known and items[known - 1].hash != held.head:
            self._conflict(shelf, batch, data, draft)
            return
        mark = Mark(batch.last, items[-1].hash)
        findings = receiver.advance(book, batch.stream, mark)
        shelf.keep(batch.node_id, data)
        shelf.append(batch.node_id, batch.stream, held.seq + 1, items[known:])
        for finding in findings:
            shelf.found(batch.node_id, finding)
        draft.marks[batch.stream] = _ack_mark(book, batch.stream, mark)

    def _items(self, shelf: Shelf, batch: Batch, data: bytes, draft: _Draft) -> list[Item] | None:
        try:
            key = self._open(shelf.book(batch.node_id).links[batch.stream.epoch])
            return unpack(batch, key, self._dictionaries)
        except DictionaryError:
            draft.refused.append((batch.stream, batch.first, Refused.DICTIONARY))
            return None
        except WireError as error:
            why = Refused.SEAL if isinstance(error, SealError) else Refused.MALFORMED
            shelf.refused(batch.node_id, why, data)
            draft.refused.append((batch.stream, batch.first, why))
            return None

    def _conflict(self, shelf: Shelf, batch: Batch, data: bytes, draft: _Draft) -> None:
        shelf.refused(batch.node_id, Refused.CONFLICT, data)
        finding = Finding(FindingCode.CONFLICT, batch.stream.epoch, batch.stream, batch.first)
        shelf.found(batch.node_id, finding)
        draft.refused.append((batch.stream, batch.first, Refused.CONFLICT))

    def _health(self, shelf: Shelf, batch: Batch, draft: _Draft) -> None:
        link = shelf.book(batch.node_id).links.get(batch.stream.epoch)
        if link is None:
            draft.answers = True
            draft.asks.add(batch.stream.epoch)
            return
        try:
            [item] = unpack(batch, self._open(link))
        except (WireError, ValueError):
            return  # the next one is better, and nothing is lost
        if item.entry is not None:
            shelf.health(batch.node_id, batch.stream.epoch, batch.first, item.entry)

    def _open(self, link: EpochLink) -> SegmentKey:
        name = (link.node_id, link.epoch)
        if name not in self._keys:
            if len(self._keys) >= _KEYS_KEPT:
                self._keys.clear()
            secret = self._opening.open(link.sealed_key, segment_info(*name))
            self._keys[name] = SegmentKey(secret)
        return self._keys[name]


def _ack_mark(book: Book, stream: Stream, newest: Mark) -> AckMark:
    """Never speak of more than the node said it wrote: a restored node wrote less than is held."""
    held = book.mark(stream)
    mark = held if held.seq <= newest.seq else newest
    return AckMark(stream, mark, min(book.backed_up.get(stream, 0), mark.seq))


def _ack(node_id: str, draft: _Draft, now_ms: int) -> Ack:
    return Ack(
        node_id,
        now_ms,
        draft.nonce,
        tuple(draft.marks.values()),
        tuple(sorted(draft.asks)),
        draft.wants_hello,
        tuple(draft.refused),
    )
