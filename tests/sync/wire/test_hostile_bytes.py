"""Bytes from outside are read, or refused by one of our own errors; nothing else can happen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import cbor, columns, compress, entries, messages, presence, topics
from sync.wire.batch import unpack
from sync.wire.errors import (
    MalformedError,
    OversizedError,
    SealError,
    SignatureError,
    VersionError,
    WireError,
)
from sync.wire.lanes import Lane
from sync.wire.layout import dictionary
from sync.wire.layout.books import Read
from sync.wire.layout.dictionary import NONE
from sync.wire.limits import BODY_BYTES_MAX, DEPTH_MAX, MESSAGE_BYTES_MAX, RECORDS_MAX
from sync.wire.messages import Batch
from sync.wire.places import Stream
from sync.wire.seal import SegmentKey, new_opening_key
from sync.wire.sign import sign, verified
from tests.sync.wire.samples import (
    EPOCH,
    HEAD,
    KEY,
    MARKER,
    MESSAGES,
    NODE,
    SIGNING,
    as_they_lie,
    in_columns,
    opened,
    some_entries,
)

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=20,
)
DECODERS: dict[str, Callable[[bytes], object]] = {
    "message": messages.decode,
    "signed": lambda data: verified(data, SIGNING.public_key()),
    "entry": entries.decode,
    "presence": presence.decode,
    "compressed": lambda data: compress.decompress(data, BODY_BYTES_MAX),
    "columns": lambda data: columns_of(cbor.decode(data, BODY_BYTES_MAX)),
    "dictionary": dictionary.decode,
}


def columns_of(value: object) -> object:
    heads = value if isinstance(value, list) else [value]
    return columns.read(3, Read(NONE, heads, b"packed"))


def survives(decode: Callable[[bytes], object], data: bytes) -> None:
    try:
        decode(data)
    except WireError:
        return


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    survives(DECODERS[name], data)


@pytest.mark.parametrize("name", DECODERS)
@given(value=PLAIN)
def test_any_plain_value_is_read_or_refused(name: str, value: object) -> None:
    survives(DECODERS[name], cbor.encode(value))


@given(parts=st.lists(PLAIN, max_size=9), kind=st.integers(1, 7))
def test_a_message_of_any_parts_is_read_or_refused(parts: list[object], kind: int) -> None:
    survives(messages.decode, cbor.encode([messages.VERSION, kind, *parts]))


@pytest.mark.parametrize("name", MESSAGES)
def test_no_flipped_bit_of_a_signed_message_is_believed(name: str) -> None:
    data = sign(messages.encode(MESSAGES[name]), SIGNING)
    for at in range(len(data)):
        for bit in range(8):
            spoiled = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises((MalformedError, SignatureError)):
                verified(spoiled, SIGNING.public_key())


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_read_as_it_was_written(name: str) -> None:
    assert messages.decode(messages.encode(MESSAGES[name])) == MESSAGES[name]


@given(st.lists(st.dictionaries(st.text(max_size=9), PLAIN, max_size=5), min_size=1, max_size=20))
def test_columns_give_back_what_they_were_given(bodies: list[dict[str, object]]) -> None:
    written = [
        entries.encode(entries.Entry("kind", entries.Stamp(n), body))
        for n, body in enumerate(bodies)
    ]
    assert opened(unpack(in_columns(written), KEY)) == written


def test_both_forms_hold_the_same_records_and_hashes() -> None:
    packed, lying = unpack(in_columns(), KEY), unpack(as_they_lie(), KEY)
    assert [(item.hash, item.entry) for item in packed] == [
        (item.hash, item.entry) for item in lying
    ]


@pytest.mark.parametrize("batch", [in_columns(), as_they_lie()], ids=["columns", "sealed"])
def test_a_broker_reads_nothing(batch: Batch) -> None:
    assert MARKER.encode() not in sign(messages.encode(batch), SIGNING)


def test_a_batch_opens_only_under_its_key_and_at_its_place() -> None:
    batch = in_columns()
    with pytest.raises(SealError):
        unpack(batch, SegmentKey(bytes(32)))
    changes: tuple[dict[str, Any], ...] = (
        {"first": 2},
        {"node_id": "kharkiv-08"},
        {"stream": Stream(EPOCH, Lane.WORK)},
        {"previous": HEAD},
    )
    for changed in changes:
        with pytest.raises(SealError):
            unpack(replace(batch, **changed), KEY)


def test_an_entry_spoiled_on_the_disk_is_poison_and_spoils_no_other() -> None:
    batch = as_they_lie()
    batch.data[1][0] = batch.data[1][0][:-1] + b"\0"
    assert opened(unpack(batch, KEY)) == [some_entries()[0], None, some_entries()[2]]


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(OversizedError):
        compress.decompress(zstd.compress(bytes(64 * BODY_BYTES_MAX), 19), BODY_BYTES_MAX)


def test_a_long_message_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(OversizedError):
        messages.decode(b"\xff" * (MESSAGE_BYTES_MAX + 1))


def test_depth_beyond_the_limit_is_refused() -> None:
    value: object = 1
    for _ in range(DEPTH_MAX + 3):
        value = [value]
    with pytest.raises(MalformedError):
        cbor.decode(cbor2.dumps(value), 1000)


@pytest.mark.parametrize(
    "data",
    [
        "9f01ff",  # of no length
        "1801",  # a number longer than it need be
        "a2616101616102",  # a key twice
        "a2616201616102",  # keys out of order
        "c11a514b67b0",  # a tag
        "d81c81d81d00",  # an array that holds itself
        "fb3ff0000000000000",  # a float longer than it need be
        "0101",  # two items
        "5b7fffffffffffffff",  # a length that is not there
    ],
)
def test_cbor_that_is_not_deterministic_and_plain_is_refused(data: str) -> None:
    with pytest.raises(MalformedError):
        cbor.decode(bytes.fromhex(data), 1000)


def test_another_version_is_refused_by_name() -> None:
    with pytest.raises(VersionError, match="version 2, this side speaks 1"):
        messages.decode(cbor.encode([2, 1, NODE]))


def test_a_batch_of_too_many_or_none_is_refused() -> None:
    for count in (0, RECORDS_MAX + 1, 2**40):
        parts = [1, 3, NODE, EPOCH, 1, 1, count, HEAD, 1, b""]
        with pytest.raises(MalformedError):
            messages.decode(cbor.encode(parts))


@given(st.text(max_size=60))
def test_a_topic_is_ours_or_refused(topic: str) -> None:
    for whole in (topic, f"nezlam/1/up/{topic}", f"nezlam/1/state/{topic}"):
        try:
            node_id = topics.node_of(whole)
        except MalformedError:
            continue
        assert whole in (topics.up(node_id), topics.state(node_id))


def test_a_sealed_key_opens_for_its_reader_alone() -> None:
    reader, stranger = new_opening_key(), new_opening_key()
    sealed = reader.public().seal(b"secret", b"info")
    assert reader.open(sealed, b"info") == b"secret"
    for key, data, info in (
        (stranger, sealed, b"info"),
        (reader, sealed, b"other"),
        (reader, sealed[:-1] + b"\0", b"info"),
        (reader, b"", b"info"),
    ):
        with pytest.raises(SealError):
            key.open(data, info)


def test_no_key_is_shown() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    key = new_opening_key()
    assert key.seed.hex() not in repr(key)
    assert str(key.seed) not in repr(key)
