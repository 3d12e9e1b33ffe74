"""One message of each type, made of fixed keys, so that its bytes are always the same."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.wire import batch, entries
from sync.wire.batch import Item
from sync.wire.carried import Carried, Parcel
from sync.wire.compress import compress
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane
from sync.wire.messages import (
    Ack,
    AckMark,
    Batch,
    EpochLink,
    Form,
    Hello,
    Holding,
    Message,
    Refused,
)
from sync.wire.pieces import Piece, Want
from sync.wire.places import BEGINNING, NO_HASH, Mark, Stream
from sync.wire.seal import SegmentKey

NODE = "kharkiv-07"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SegmentKey(bytes(range(32, 64)))
EPOCH = bytes.fromhex("0102030405060708")
STREAM = Stream(EPOCH, Lane.PEOPLE)
HEAD = bytes(range(64, 96))
MARKER = "MARKER-OF-A-PERSON"

HELLO = Hello(NODE, b"nonce-08", EPOCH, (Holding(STREAM, BEGINNING, Mark(3, HEAD)),))
LINK = EpochLink(NODE, EPOCH, ((Stream(b"earlier8", Lane.URGENT), Mark(7, HEAD)),), b"sealed")
ACK = Ack(
    NODE,
    1_795_000_000_000,
    b"nonce-08",
    (AckMark(STREAM, Mark(3, HEAD), 2),),
    (b"another8",),
    wants_hello=True,
    refused=((STREAM, 4, Refused.SEAL),),
)


def some_entries(count: int = 3) -> list[bytes]:
    return [
        entries.encode(
            Entry("sample.kind", Stamp(1_000 + n, 900, None), {"name": MARKER, "number": n})
        )
        for n in range(count)
    ]


def in_columns(canonical: list[bytes] | None = None, first: int = 1) -> Batch:
    canonical = some_entries() if canonical is None else canonical
    bare = Batch(NODE, STREAM, first, len(canonical), NO_HASH, Form.COLUMNS, b"")
    return batch.pack(bare, canonical, KEY)


def as_they_lie(canonical: list[bytes] | None = None) -> Batch:
    canonical = some_entries() if canonical is None else canonical
    links = batch.chain(KEY, STREAM, 1, NO_HASH, canonical)
    data = [
        [entries.seal(compress(entry), KEY, NODE, STREAM, seq), link]
        for seq, (entry, link) in enumerate(zip(canonical, links, strict=True), start=1)
    ]
    return Batch(NODE, STREAM, 1, len(canonical), NO_HASH, Form.SEALED, data)


def opened(items: list[Item]) -> list[bytes | None]:
    return [item.entry for item in items]


MESSAGES: dict[str, Message] = {
    "hello": HELLO,
    "epoch": LINK,
    "columns": in_columns(),
    "sealed": as_they_lie(),
    "ack": ACK,
    "carried": Carried(NODE, (Parcel("laptop-3", b"signed by the laptop"),)),
    "want": Want(NODE, "targets/trust-list.json", 32_768, 1_000),
    "piece": Piece("targets/trust-list.json", 32_768, 33_000, b"some of it"),
}
