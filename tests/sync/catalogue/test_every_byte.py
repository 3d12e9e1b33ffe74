"""Any byte flipped in any file of the catalogue: it is refused, and nothing else happens."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.catalogue.state import Problem
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower

EU = "trust/lists/eu.json"
FIRST = b"".join(b"certificate %d\n" % number for number in range(40))
SECOND = FIRST + b"one more certificate\n"
MASKS = (0x01, 0x20, 0x80)  # the least bit, the case of a letter, what is no ASCII


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "authority")
    authority.publish(EU, FIRST)
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: Authority) -> Follower:
    """It holds the first list, and the second one is published."""
    node = Follower(tmp_path / "node", authority)
    node.look()
    authority.publish(EU, SECOND)
    return node


def in_place_of(part: str, spoiled: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, data: spoiled if name.endswith(part) else data


def flipped(data: bytes) -> Iterator[bytes]:
    for position in range(len(data)):
        mask = MASKS[position % len(MASKS)]
        yield data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


@pytest.mark.parametrize("part", ["timestamp.json", ".snapshot.json", ".trust.json"])
def test_metadata_with_any_byte_flipped_is_refused(
    part: str, node: Follower, authority: Authority
) -> None:
    found = authority.files()
    whole = found[max(name for name in found if name.endswith(part))]
    for spoiled in flipped(whole):
        node.mend = in_place_of(part, spoiled)
        node.look()
        assert node.said(EU) == FIRST
        assert node.problem() in (Problem.SPOILED, Problem.FORGED, Problem.MIXED)
    node.mend = lambda _, data: data
    node.look()
    assert (node.problem(), node.said(EU)) == (None, SECOND)


@pytest.mark.long
def test_a_timestamp_is_refused_whichever_bit_is_flipped(
    node: Follower, authority: Authority
) -> None:
    whole = authority.files()["metadata/timestamp.json"]
    for position in range(len(whole)):
        for bit in range(8):
            spoiled = bytearray(whole)
            spoiled[position] ^= 1 << bit
            node.mend = in_place_of("timestamp.json", bytes(spoiled))
            node.look()
            assert node.problem() in (Problem.SPOILED, Problem.FORGED)
    assert node.said(EU) == FIRST


def test_a_target_with_any_byte_flipped_is_refused(node: Follower) -> None:
    for spoiled in flipped(SECOND):

        def mend(name: str, data: bytes, new: bytes = spoiled) -> bytes:
            return b"" if name.startswith("deltas/") else new if ".eu.json" in name else data

        node.mend = mend
        node.look()
        assert (node.said(EU), node.problem()) == (FIRST, Problem.MIXED)
        assert node.changed == [EU]  # once, long ago


def test_a_delta_with_any_byte_flipped_gives_the_truth_or_nothing(
    node: Follower, authority: Authority
) -> None:
    [delta] = [data for name, data in authority.files().items() if name.startswith("deltas/")]
    for number, spoiled in enumerate(flipped(delta)):
        folder = Path(shutil.copytree(node.folder, node.folder.with_name(f"node-{number}")))

        def mend(name: str, data: bytes, new: bytes = spoiled) -> bytes:
            return new if name.startswith("deltas/") else b"" if ".eu.json" in name else data

        other = Follower(folder, authority, mend=mend)
        other.look()
        assert other.said(EU) in (FIRST, SECOND)


def test_the_enrolled_root_with_any_byte_flipped_trusts_nobody(
    tmp_path: Path, authority: Authority
) -> None:
    whole = authority.root
    path = authority.folder / "central" / "catalogue" / "first" / "1.root.json"
    for number, spoiled in enumerate(flipped(whole)):
        path.write_bytes(spoiled)
        node = Follower(tmp_path / f"node-{number}", authority)
        node.look()
        assert (node.said(EU), node.asked[1:]) == (None, [])


def test_the_node_s_own_index_with_any_byte_flipped_is_fetched_anew(
    node: Follower, authority: Authority
) -> None:
    index = node.folder / "files" / "index"
    for spoiled in flipped(index.read_bytes()):
        index.write_bytes(spoiled)
        assert node.restarted().said(EU) is None
    again = node.restarted()
    again.look()
    assert again.said(EU) == SECOND
