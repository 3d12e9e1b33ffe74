"""Whoever holds the road, the broker or an old stick changes nothing, and staff are told."""

import resource
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.catalogue.state import Problem, Standing
from sync.wire import repository
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower

EU, NOTICE = "trust/lists/eu.json", "notices/today.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "authority")
    authority.publish(EU, b"the first list")
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: Authority) -> Follower:
    """It holds the first list."""
    node = Follower(tmp_path / "node", authority)
    node.look()
    return node


def still_has_the_first(node: Follower) -> bool:
    return node.said(EU) == b"the first list" and node.restarted().said(EU) == b"the first list"


def newest(files: dict[str, bytes], role: str) -> bytes:
    return files[max(name for name in files if name.endswith(f".{role}.json"))]


def copy_of(authority: Authority, name: str) -> Path:
    return Path(shutil.copytree(authority.repository, authority.folder / name))


def test_a_rollback_is_refused(node: Follower, authority: Authority) -> None:
    old = copy_of(authority, "old")
    authority.publish(EU, b"the second list")
    node.look()
    node.repository = old
    node.look()
    assert node.problem() is Problem.ROLLBACK
    assert node.said(EU) == b"the second list"


def test_a_freeze_is_noticed_once_the_last_word_has_run_out(
    node: Follower, authority: Authority
) -> None:
    node.repository = copy_of(authority, "old")
    authority.publish(EU, b"the second list")
    authority.wait(hours=47)
    node.look()
    assert node.problem() is None  # nobody can know yet
    authority.wait(hours=2)
    node.look()
    assert node.problem() is Problem.FROZEN
    assert still_has_the_first(node)
    authority.wait(days=2)
    [state] = node.catalogue.state().targets
    assert state.standing is Standing.STALE


def test_mixed_targets_are_refused(node: Follower, authority: Authority) -> None:
    first = {name: data for name, data in authority.files().items() if name.endswith(".eu.json")}
    authority.publish(EU, b"the other list")
    [stolen] = first.values()
    node.mend = lambda name, data: stolen if name.endswith(".eu.json") else data
    node.look()
    assert node.problem() is Problem.MIXED
    assert still_has_the_first(node)


def test_metadata_of_two_editions_is_refused(node: Follower, authority: Authority) -> None:
    old = authority.files()
    authority.publish(EU, b"the other list")
    node.mend = lambda name, data: (
        newest(old, "snapshot") if name.endswith("snapshot.json") else data
    )
    node.look()
    assert node.problem() is Problem.MIXED
    assert still_has_the_first(node)


def test_an_authority_whose_signature_has_ended_stops_nobody_else(
    node: Follower, authority: Authority
) -> None:
    authority.roles = repository.ONLINE
    for role in repository.OFFLINE:
        (authority.folder / "central" / "catalogue" / f"{role}.key").unlink()
    authority.wait(days=700)
    authority.refresh()
    authority.wait(days=40)
    authority.refresh()
    authority.publish(NOTICE, b"{}")
    node.look()
    assert node.problem() is Problem.EXPIRED
    assert still_has_the_first(node)
    assert node.said(NOTICE) == b"{}"
    assert {one.name: one.standing for one in node.catalogue.state().targets} == {
        EU: Standing.ENDED,
        NOTICE: Standing.IN_FORCE,
    }


def test_a_clock_that_is_ahead_is_told_from_old_data(node: Follower, authority: Authority) -> None:
    authority.publish(EU, b"the second list")
    node.now = authority.now + timedelta(days=4000)
    node.central = authority.now
    node.look()
    assert node.problem() is Problem.CLOCK
    assert still_has_the_first(node)
    node.now = None
    node.look()
    assert (node.problem(), node.said(EU)) == (None, b"the second list")


@pytest.mark.parametrize(
    "now", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC)]
)
def test_a_clock_that_is_behind_opens_no_door_to_old_data(
    now: datetime, node: Follower, authority: Authority
) -> None:
    node.repository = copy_of(authority, "old")
    authority.wait(days=10)
    node.now, node.central = now, authority.now  # central's beacon came over the same link
    node.look()
    assert node.problem() is Problem.FROZEN
    node.repository = None
    authority.publish(EU, b"the second list")
    node.look()
    assert (node.problem(), node.said(EU)) == (None, b"the second list")


def test_no_room_leaves_the_old_in_force_and_ends_by_itself(
    node: Follower, authority: Authority
) -> None:
    authority.publish(EU, b"the second list")
    node.room = False
    node.look()
    assert node.problem() is Problem.NO_ROOM
    assert still_has_the_first(node)
    node.room = True
    node.look()
    assert (node.problem(), node.said(EU)) == (None, b"the second list")


def test_who_holds_central_cannot_publish_a_trust_list(
    node: Follower, authority: Authority
) -> None:
    authority.smuggle("trust", EU, b"an evil list", key=authority.keys.roles["notices"])
    node.look()
    assert node.problem() is Problem.FORGED
    assert still_has_the_first(node)


def test_another_authority_s_catalogue_is_none(node: Follower, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    other.publish(EU, b"an evil list")
    other.publish(EU, b"another evil list")
    node.repository = other.repository
    node.look()
    assert node.problem() is Problem.FORGED
    assert still_has_the_first(node)


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b" ",
    "empty": lambda data: b"",
    "spaces": lambda data: data.replace(b",", b", ", 1),
    "capitals": lambda data: data[:-200] + data[-200:].replace(b"a", b"A"),
    "deep": lambda data: b"[" * 5000,
    "endless": lambda data: data * 1000,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("part", ["timestamp", ".snapshot", ".trust", ".eu.json"])
def test_whatever_comes_in_place_of_a_file_changes_nothing(
    part: str, spoil: Callable[[bytes], bytes], node: Follower, authority: Authority
) -> None:
    authority.publish(EU, b"the second list, with a comma")
    node.mend = lambda name, data: spoil(data) if part in name else data
    for _ in range(3):
        node.look()
        assert still_has_the_first(node)
    node.mend = lambda name, data: data
    node.look()
    assert node.said(EU) == b"the second list, with a comma"
    assert node.problem() is None


def test_a_disk_that_is_full_in_earnest_says_so(node: Follower, authority: Authority) -> None:
    authority.publish(NOTICE, bytes(range(256)) * 400)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        node.look()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert node.problem() is Problem.NO_ROOM
    assert still_has_the_first(node)
    node.look()
    assert (node.problem(), len(node.said(NOTICE) or b"")) == (None, 102_400)


def test_a_central_put_back_from_an_old_copy_passes_its_nodes_by_publishing(
    node: Follower, authority: Authority
) -> None:
    old = copy_of(authority, "old")
    for number in range(20):
        authority.wait(hours=1)
        authority.publish(EU, b"list %d" % number)
    node.look()
    shutil.rmtree(authority.repository)
    shutil.copytree(old, authority.repository)
    authority.wait(minutes=5)
    authority.refresh()
    node.look()
    assert node.problem() is Problem.ROLLBACK  # an old trust list is not taken from anybody
    authority.wait(minutes=5)
    authority.publish(EU, b"list 20")
    node.look()
    assert (node.problem(), node.said(EU)) == (None, b"list 20")
