"""A courier's stick: whole files, suspicious reading, and a plain word when it goes wrong."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.transport import courier, loading
from sync.transport.courier import CourierFileError, StickError
from sync.wire import courier as format_
from sync.wire.courier import Label, Way
from sync.wire.topics import check_node_id

LABEL = Label(Way.UP, "node-7", 1_790_000_000_000)
SIGNED = [b"a hello", b"a link", b"a batch"]
NODE_IDS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?", fullmatch=True)


def write(folder: Path, label: Label = LABEL, signed: list[bytes] = SIGNED) -> list[Path]:
    return loading.write(folder, label, signed, lambda _: None)


def carried(path: Path) -> list[bytes]:
    courier.check(path)
    return [message for bag in courier.messages(path) for message in bag]


def test_what_goes_on_the_stick_comes_off_it(tmp_path: Path) -> None:
    [path] = write(tmp_path)
    assert courier.files(tmp_path, Way.UP) == [path]
    assert courier.files(tmp_path, Way.DOWN) == []
    assert courier.check(path) == LABEL
    assert carried(path) == SIGNED


def test_any_byte_that_changed_is_noticed_and_so_is_any_that_is_missing(tmp_path: Path) -> None:
    [path] = write(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for spoiled in (
            whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
            whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :],
            whole[:place],
        ):
            path.write_bytes(spoiled)
            with pytest.raises(CourierFileError, match=path.name):
                courier.check(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(CourierFileError):
        courier.check(path)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_courier_s_file_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "n-a-u00000000.nez"
    path.write_bytes(format_.MAGIC[: len(data) % 9] + data)
    with pytest.raises(CourierFileError, match=re.escape(path.name)):
        courier.check(path)


@given(NODE_IDS, st.sampled_from(Way), st.binary(min_size=32, max_size=32))
def test_every_name_suits_every_file_system(node_id: str, way: Way, digest: bytes) -> None:
    check_node_id(node_id)
    name = format_.file_name(Label(way, node_id, 0), digest)
    assert len(name) <= 64
    assert re.fullmatch(r"n-[a-z0-9.-]+", name)


def test_a_new_export_takes_the_place_of_the_node_s_last_one_and_of_no_other_file(
    tmp_path: Path,
) -> None:
    others = write(tmp_path, Label(Way.UP, "node-70", 0)) + write(
        tmp_path, Label(Way.DOWN, "node-7", 0)
    )
    write(tmp_path)
    [path] = write(tmp_path, signed=[b"more"])
    assert sorted(tmp_path.glob("*.nez")) == sorted([path, *others])


def test_a_large_export_is_split_into_files_each_whole_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(format_, "FILE_BYTES", 3 * 1024 * 1024)
    signed = [bytes([n]) * 200_000 for n in range(40)]
    paths = write(tmp_path, signed=signed)
    assert len(paths) > 2
    assert [one for path in paths for one in carried(path)] == signed
    assert [courier.check(path).part for path in paths] == [1, 2, 3]
    assert all(path.stat().st_size <= format_.FILE_BYTES_MAX for path in paths)


def test_links_pipes_and_folders_under_our_names_are_passed_by(tmp_path: Path) -> None:
    [path] = write(tmp_path)
    (tmp_path / "n-x-u00000001.nez").symlink_to(path)
    (tmp_path / "n-x-u00000002.nez").mkdir()
    os.mkfifo(tmp_path / "n-x-u00000003.nez")
    assert courier.files(tmp_path, Way.UP) == [path]
    for name in ("n-x-u00000001.nez", "n-x-u00000003.nez"):
        with pytest.raises(CourierFileError):
            courier.check(tmp_path / name)


def test_a_link_in_the_place_of_the_draft_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "n-node-7-u.tmp").symlink_to(victim)
    with pytest.raises(StickError):
        write(stick)
    assert victim.read_text() == "mine"


def test_a_file_of_another_size_than_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "n-node-7-u00000000.nez"
    with path.open("wb") as file:
        file.truncate(format_.FILE_BYTES_MAX + 1)
    with pytest.raises(CourierFileError, match="take it off the stick"):
        courier.check(path)


def test_a_file_copied_twice_is_found_under_its_copy_s_name_too(tmp_path: Path) -> None:
    [path] = write(tmp_path)
    twin = path.with_name(f"{path.stem} (1).nez")
    twin.write_bytes(path.read_bytes())
    assert courier.files(tmp_path, Way.UP) == sorted([path, twin])
    assert carried(twin) == SIGNED


def test_whoever_finds_the_stick_is_told_what_it_is_and_a_note_of_somebody_else_stays(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    words = (tmp_path / loading.NOTE).read_text("utf-8-sig")
    assert "зашифровано" in words
    assert "encrypted" in words
    (tmp_path / loading.NOTE).write_text("my holiday")
    write(tmp_path)
    assert (tmp_path / loading.NOTE).read_text() == "my holiday"


def test_a_stick_that_is_pulled_out_while_it_is_written_is_one_sentence(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()

    def pulled() -> Iterator[bytes]:
        yield b"first"
        stick.rename(tmp_path / "pocket")

    with pytest.raises(StickError, match=r"not written to the end.*Nothing is lost"):
        loading.write(stick, LABEL, pulled(), lambda _: None)
    assert list((tmp_path / "pocket").glob("*.nez")) == []


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of the test's own; skipped where nobody may mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_stick_that_is_full_is_one_sentence_and_keeps_what_was_on_it(tmp_path: Path) -> None:
    with mounted(tmp_path / "stick", "size=256k") as stick:
        [path] = write(stick)
        with pytest.raises(StickError, match=r"is full.*Nothing is lost"):
            write(stick, signed=[bytes(200_000)] * 3)
        assert [one.name for one in stick.glob("n-*")] == [path.name]
        assert carried(path) == SIGNED


def test_a_stick_that_is_locked_is_one_sentence(tmp_path: Path) -> None:
    with (
        mounted(tmp_path / "stick", "size=256k,ro") as stick,
        pytest.raises(StickError, match=r"unlock the stick.*Nothing is lost"),
    ):
        write(stick)
