"""Entries: whatever is recorded has one encoding, by the quick way as by the plain one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import cbor, entries
from sync.wire.compress import compress
from sync.wire.entries import Entry, Stamp
from sync.wire.errors import OversizedError
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.records import KINDS, Record, to_body

MOMENTS = st.integers(0, 2**53)
STAMPS = st.builds(Stamp, MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS)
RECORDS: st.SearchStrategy[Record] = st.one_of(*map(st.from_type, KINDS.values()))


@given(RECORDS, STAMPS)
def test_a_fresh_record_is_encoded_as_every_other(record: Record, stamp: Stamp) -> None:
    entry = Entry(record.kind, stamp, to_body(record))
    assert entries.encode_fresh(entry) == entries.encode(entry)


@given(st.dictionaries(st.text(), st.integers()))
def test_keys_in_map_order_are_in_the_order_of_their_encodings(value: dict[str, int]) -> None:
    ordered = {key: value[key] for key in sorted(value, key=cbor.map_order)}
    assert cbor.encode_ordered(ordered) == cbor.encode(value)


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_a_kept_compressor_gives_the_bytes_of_a_new_one(texts: list[bytes]) -> None:
    compressor = entries.compressor()
    assert [compressor.compress(text) for text in texts] == [compress(text, 3) for text in texts]


@pytest.mark.parametrize("encode", [entries.encode, entries.encode_fresh])
def test_what_is_too_long_to_travel_is_refused(encode: object) -> None:
    assert callable(encode)
    with pytest.raises(OversizedError):
        encode(Entry("note", Stamp(0), {"text": "x" * RECORD_BYTES_MAX}))
