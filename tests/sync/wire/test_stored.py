"""Bytes that are framed as they are come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import entries, stored
from sync.wire.compress import decompress
from sync.wire.entries import Entry, Stamp
from sync.wire.errors import OversizedError
from sync.wire.kinds.media import (
    CHUNK_BYTES,
    FILE_BYTES_MAX,
    PREVIEW_BYTES_MAX,
    SHA256_BYTES,
    MediaChunk,
    MediaFile,
)
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.records import from_body, to_body


@given(st.binary(max_size=2000), st.integers(0, 30))
def test_any_bytes_come_back(data: bytes, times: int) -> None:
    framed = stored.frame(data * times)
    assert decompress(framed, RECORD_BYTES_MAX) == data * times
    assert len(framed) == len(data) * times + 12


def test_a_frame_larger_than_the_reader_allows_is_refused() -> None:
    with pytest.raises(OversizedError):
        decompress(stored.frame(bytes(101)), 100)


@pytest.mark.parametrize(
    "record",
    [
        MediaChunk(bytes(SHA256_BYTES), FILE_BYTES_MAX, 65_535, b"\xff" * CHUNK_BYTES),
        MediaFile(
            bytes(SHA256_BYTES),
            FILE_BYTES_MAX,
            "application/octet-stream",
            "\u0407" * 100,
            "\u0407" * 100,
            "\u0407" * 500,
            "\u0407" * 120,
            bytes(PREVIEW_BYTES_MAX),
        ),
    ],
    ids=["chunk", "file"],
)
def test_the_largest_records_of_files_may_travel(record: MediaChunk | MediaFile) -> None:
    entry = Entry(record.kind, Stamp(1 << 41), to_body(record))
    back = entries.decode(entries.encode(entry))
    assert from_body(back.kind, back.body) == record
