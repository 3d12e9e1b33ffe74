"""A courier's stick brings the catalogue where no road is open, and is believed no more for it."""

from datetime import datetime
from pathlib import Path

import pytest

from sync.transport import catalogue_stick
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower, ms

EU = "trust/lists/eu.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "authority")
    authority.publish(EU, b"the first list")
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: Authority) -> Follower:
    return Follower(tmp_path / "node", authority, up=False)


def a_stick(authority: Authority, stick: Path) -> Path:
    publisher = authority.publisher
    timestamp = publisher.for_the_road(authority.now)
    names = publisher.names(authority.now)
    catalogue_stick.load(authority.repository, names, timestamp, stick)
    return stick


def bring(stick: Path, node: Follower) -> None:
    assert catalogue_stick.unload(stick, node.catalogue.brought)
    node.catalogue.step()


def written(authority: Authority) -> datetime:
    return authority.now


def test_a_stick_that_was_weeks_on_its_way_brings_what_is_new(
    tmp_path: Path, node: Follower, authority: Authority
) -> None:
    stick, at = a_stick(authority, tmp_path / "stick"), written(authority)
    authority.wait(days=25)
    bring(stick, node)
    assert (node.said(EU), node.problem(), node.asked) == (b"the first list", None, [])
    [state] = node.catalogue.state().targets
    assert state.confirmed_ms == ms(at)


def test_sticks_in_any_order_and_twice_never_go_back(
    tmp_path: Path, node: Follower, authority: Authority
) -> None:
    first = a_stick(authority, tmp_path / "first")
    authority.publish(EU, b"the second list")
    second = a_stick(authority, tmp_path / "second")
    for stick in (second, first, second, first):
        bring(stick, node)
        assert (node.said(EU), node.problem()) == (b"the second list", None)


def test_a_stick_is_renewed_and_holds_nothing_else(tmp_path: Path, authority: Authority) -> None:
    stick = tmp_path / "stick"
    a_stick(authority, stick)
    authority.publish(EU, b"the second list")
    a_stick(authority, stick)
    contents = [path.read_bytes() for path in stick.rglob("*.eu.json")]
    assert contents == [b"the second list"]


def test_what_is_missing_on_a_torn_stick_comes_by_road(
    tmp_path: Path, node: Follower, authority: Authority
) -> None:
    stick = a_stick(authority, tmp_path / "stick")
    [target] = stick.rglob("*.eu.json")
    target.unlink()
    bring(stick, node)
    assert node.said(EU) is None
    node.up = True
    node.look()
    assert node.said(EU) == b"the first list"


@pytest.mark.parametrize("part", ["timestamp.json", ".snapshot.json", ".trust.json", ".eu.json"])
def test_a_stick_with_a_spoiled_file_changes_nothing(
    part: str, tmp_path: Path, node: Follower, authority: Authority
) -> None:
    stick = a_stick(authority, tmp_path / "stick")
    [path] = [path for path in stick.rglob("*.json") if path.name.endswith(part)]
    whole = path.read_bytes()
    path.write_bytes(bytes([*whole[:-5], whole[-5] ^ 1, *whole[-4:]]))
    bring(stick, node)
    assert node.said(EU) is None
    assert node.problem() is not None
    path.write_bytes(whole)
    bring(stick, node)
    assert (node.said(EU), node.problem()) == (b"the first list", None)


def test_a_stick_without_a_catalogue_is_none(tmp_path: Path, node: Follower) -> None:
    assert not catalogue_stick.unload(tmp_path, node.catalogue.brought)
