"""Files in the store: whole or unseen, once, readable while here, and gone behind a mark."""

import hashlib
import os
import random
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.store.chunks import cuts
from sync.store.draft import Content, Draft
from sync.store.errors import StoreFullError
from sync.store.media import CHUNKS_AT_ONCE, FileGoneError, Media
from sync.wire.kinds.media import CHUNK_BYTES, MediaFile, chunk_count
from sync.wire.lanes import Lane
from tests.sync.store.node import NAME, PASSPHRASE, Node

LARGE = 3 * CHUNKS_AT_ONCE * CHUNK_BYTES + 5


def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def announced(data: bytes) -> MediaFile:
    return MediaFile(hashlib.sha256(data).digest(), len(data), "video/mp4", "Олена")


def keep(media: Media, data: bytes, source: Content | None = None) -> int:
    return media.keep(source or BytesIO(data), announced(data)).seq


def read(media: Media, data: bytes, start: int = 0, end: int | None = None) -> bytes:
    sha256 = hashlib.sha256(data).digest()
    return b"".join(media.read(sha256, start, len(data) if end is None else end))


class Stopping(BytesIO):
    """Content that is read up to a point, and then something happens."""

    def __init__(self, data: bytes, at: int, then: Exception) -> None:
        super().__init__(data)
        self._at, self._then = at, then

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._at:
            raise self._then
        return super().read(size)


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, LARGE])
def test_a_file_is_read_back_as_it_was(tmp_path: Path, size: int) -> None:
    media = Media(Node(tmp_path).store)
    data = content(size)
    keep(media, data)
    assert read(media, data) == data


def test_a_file_of_nothing_but_zeros_is_read_back_too(tmp_path: Path) -> None:
    media = Media(Node(tmp_path).store)
    keep(media, bytes(LARGE))
    assert read(media, bytes(LARGE)) == bytes(LARGE)


@given(st.integers(1, 5 * CHUNK_BYTES), st.data())
def test_any_range_is_cut_from_the_right_chunks(size: int, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, size))
    end = draw.draw(st.integers(start, size))
    found = [
        (cut.number * CHUNK_BYTES + cut.start, cut.number * CHUNK_BYTES + cut.end)
        for cut in cuts(size, start, end)
    ]
    assert sum(until - since for since, until in found) == end - start
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert not found or (found[0][0], found[-1][1]) == (start, end)


def test_the_same_file_is_written_once_and_announced_twice(tmp_path: Path) -> None:
    node = Node(tmp_path)
    media = Media(node.store)
    data = content(LARGE)
    first, second = keep(media, data), keep(media, data)
    depths = node.store.depths()
    assert (first, second) == (1, 2)
    assert depths[Lane.MEDIA].written == chunk_count(LARGE)


def test_a_file_whose_writing_breaks_off_is_not_to_be_seen(tmp_path: Path) -> None:
    node = Node(tmp_path)
    media = Media(node.store)
    data = content(LARGE)
    with pytest.raises(OSError, match="gone"):
        keep(media, data, Stopping(data, LARGE // 2, OSError("gone")))
    assert media.originals() == []
    assert node.store.depths()[Lane.WORK].written == 0


def test_the_same_file_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    node = Node(tmp_path)
    media = Media(node.store)
    data = content(LARGE)
    with pytest.raises(StoreFullError):
        keep(media, data, Stopping(data, LARGE // 2, StoreFullError("full")))
    keep(media, data)
    assert read(media, data) == data
    assert node.store.depths()[Lane.MEDIA].written == chunk_count(LARGE)


def test_another_file_after_one_that_broke_off_lies_in_one_run(tmp_path: Path) -> None:
    media = Media(Node(tmp_path).store)
    broken, other = content(LARGE, 2), content(LARGE, 3)
    with pytest.raises(OSError, match="gone"):
        keep(media, broken, Stopping(broken, LARGE // 2, OSError("gone")))
    keep(media, other)
    keep(media, broken)
    assert read(media, other) == other
    assert read(media, broken) == broken


def test_a_file_without_room_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    node = Node(tmp_path)
    media = Media(node.store, lambda size: size < LARGE)
    with pytest.raises(StoreFullError):
        keep(media, content(LARGE))
    assert node.store.tracks() == []


def test_an_original_leaves_only_behind_the_backup_and_in_steps(tmp_path: Path) -> None:
    node = Node(tmp_path)
    media = Media(node.store)
    data = content(300 * CHUNK_BYTES)
    keep(media, data)
    node.hear(backed_up=False)
    node.store.purge(10_000)
    assert read(media, data) == data
    [original] = media.originals()
    assert original.is_held
    node.hear()
    floors = node.store.purge(10_000)
    assert {stream.lane: floor for stream, floor in floors.items()} == {
        Lane.WORK: 1,
        Lane.MEDIA: 300,
    }
    assert media.originals() == []
    with pytest.raises(FileGoneError):
        read(media, data)


def test_the_next_start_knows_the_files_of_the_last_and_reads_them_unlocked(tmp_path: Path) -> None:
    before = Node(tmp_path)
    before.accounts.create_first(NAME, PASSPHRASE)
    data = content(LARGE)
    keep(Media(before.store), data)
    before.off()
    node = Node(tmp_path)
    media = Media(node.store)
    assert [one.run.count for one in media.originals()] == [chunk_count(LARGE)]
    with pytest.raises(FileGoneError):  # locked: not even whether it is this file can be told
        read(media, data)
    node.accounts.sign_in(NAME, PASSPHRASE)
    assert read(media, data, 7, 100_000) == data[7:100_000]
    keep(media, data)
    assert node.store.depths()[Lane.MEDIA].written == chunk_count(LARGE)


def test_whoever_takes_the_disk_finds_no_name_of_a_file(tmp_path: Path) -> None:
    node = Node(tmp_path)
    data = content(LARGE)
    keep(Media(node.store), data)
    node.off()
    lying = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert hashlib.sha256(data).digest() not in lying
    assert data[:64] not in lying


def test_chunks_are_no_burden_for_the_working_set(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.accounts.create_first(NAME, PASSPHRASE)
    keep(Media(node.store), content(LARGE))
    node.write("Коваль")
    rows = node.store.rows_in_order(0, 500)
    assert sum(len(row.sealed) for row in rows) < CHUNK_BYTES
    assert node.shown() == ["Коваль"]


class TestDraft:
    def test_it_gives_back_what_was_written_from_anywhere(self, tmp_path: Path) -> None:
        data = content(100_000)
        draft = Draft(tmp_path)
        for at in range(0, len(data), 7_777):
            draft.write(data[at : at + 7_777])
        assert draft.size == len(data)
        assert draft.sha256() == hashlib.sha256(data).digest()
        for start in (0, 1, 16, 17, 99_999, 100_000):
            draft.seek(start)
            assert draft.read() == data[start:]

    def test_it_has_no_name_and_lies_encrypted(self, tmp_path: Path) -> None:
        draft = Draft(tmp_path)
        draft.write(b"a name and a number" * 1000)
        assert list(tmp_path.iterdir()) == []
        assert b"a name and a number" not in os.pread(draft._fd, draft.size, 0)
