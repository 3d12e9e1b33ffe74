"""A node takes what is new, whole and signed by who may; and keeps what it has for ever."""

from pathlib import Path

import pytest

from sync.catalogue.state import Standing
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower, ms

EU, NOTICE = "trust/lists/eu.json", "notices/today.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "authority")
    authority.publish(EU, b"the first list")
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: Authority) -> Follower:
    return Follower(tmp_path / "node", authority)


def test_what_is_published_comes_into_force(node: Follower, authority: Authority) -> None:
    node.look()
    assert node.said(EU) == b"the first list"
    assert node.changed == [EU]
    [state] = node.catalogue.state().targets
    assert (state.standing, state.confirmed_ms) == (Standing.IN_FORCE, ms(authority.now))


def test_a_new_version_takes_the_place_of_the_old(node: Follower, authority: Authority) -> None:
    node.look()
    authority.publish(EU, b"the second list")
    node.look()
    assert node.said(EU) == b"the second list"
    assert node.problem() is None


def test_nothing_is_fetched_twice(node: Follower) -> None:
    node.look()
    node.asked.clear()
    node.look()
    assert node.asked == [("metadata/2.root.json", 0), ("metadata/timestamp.json", 0)]


def test_what_was_withdrawn_is_no_longer_in_force(node: Follower, authority: Authority) -> None:
    authority.publish(NOTICE, b"{}")
    node.look()
    authority.publisher.withdraw(EU, None, authority.now)
    node.look()
    assert node.said(EU) is None
    assert node.said(NOTICE) == b"{}"


def test_a_restart_loses_nothing_and_needs_no_link(node: Follower) -> None:
    node.look()
    again = node.restarted()
    again.up = False
    assert again.said(EU) == b"the first list"
    again.look()
    assert again.asked == []


def test_a_node_that_was_dark_for_years_uses_what_it_has_and_then_takes_the_new(
    node: Follower, authority: Authority
) -> None:
    node.look()
    node.up = False
    for _ in range(3):
        authority.wait(days=300)
        authority.refresh()
        authority.publish(EU, b"a list of %d" % authority.now.year)
        node.look()
        assert node.said(EU) == b"the first list"
        [state] = node.catalogue.state().targets
        assert state.standing is Standing.STALE
    node.up = True
    node.look()
    assert node.said(EU) == b"a list of 2029"
    assert node.problem() is None


def test_a_large_file_resumes_where_it_was_cut(node: Follower, authority: Authority) -> None:
    whole = bytes(range(256)) * 1000
    authority.publish(NOTICE, whole)
    cuts = 0
    while node.said(NOTICE) is None:
        node.up, node.cut_after = True, 6
        if cuts % 3 == 2:
            node = Follower(node.folder, authority, asked=node.asked, cut_after=6)
        node.look()
        cuts += 1
        assert cuts < 40
    assert node.said(NOTICE) == whole
    offsets = [offset for name, offset in node.asked if name.endswith("today.json")]
    assert cuts > 3
    assert len(offsets) - len(set(offsets)) <= 2 * cuts  # at most one window a cut


def test_only_what_changed_travels_where_that_is_less(node: Follower, authority: Authority) -> None:
    old = b"".join(b"line %d\n" % number for number in range(20_000))
    authority.publish(NOTICE, old)
    node.look()
    authority.publish(NOTICE, old + b"one more line\n")
    node.asked.clear()
    node.look()
    assert node.said(NOTICE) == old + b"one more line\n"
    assert not [name for name in node.fetched if name.startswith("targets/")]


def test_a_delta_that_does_not_serve_brings_the_whole(node: Follower, authority: Authority) -> None:
    old = b"".join(b"line %d\n" % number for number in range(2_000))
    authority.publish(NOTICE, old)
    node.look()
    authority.publish(NOTICE, old + b"one more line\n")
    node.mend = lambda name, data: data[::-1] if name.startswith("deltas/") else data
    node.look()
    assert node.said(NOTICE) == old + b"one more line\n"


def test_a_file_of_another_authority_s_paths_is_not_taken(
    node: Follower, authority: Authority
) -> None:
    authority.smuggle("notices", "trust/lists/evil.json", b"trust me")
    node.look()
    assert node.said("trust/lists/evil.json") is None
    assert node.said(EU) == b"the first list"


def test_software_is_not_fetched_until_it_is_wanted(node: Follower, authority: Authority) -> None:
    authority.publish("software/node.bin", b"much")
    node.look()
    assert node.said("software/node.bin") is None
