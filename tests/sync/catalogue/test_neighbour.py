"""A node without a link takes the catalogue from one in the next room, and believes it no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.web import WebServer
from localservices.app import create_app
from localservices.catalogue.pages import create_pages
from sync.catalogue.errors import AbsentError, CutError
from sync.catalogue.state import Problem
from sync.transport import neighbour
from sync.transport.neighbour import NeighbourError
from tests.builders import an_office
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower

EU, NOTICE = "trust/lists/eu.json", "notices/today.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "authority")
    authority.publish(EU, b"the first list")
    authority.publish(NOTICE, bytes(range(256)) * 2000)
    return authority


@pytest.fixture
def relay(tmp_path: Path, authority: Authority) -> Follower:
    """It has a link."""
    relay = Follower(tmp_path / "relay", authority)
    relay.look()
    return relay


@pytest.fixture
def address(relay: Follower, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "office").mkdir()
    office = an_office(
        tmp_path / "office", pages=[create_pages(lambda: None, relay.catalogue.shared)]
    )
    server = WebServer(create_app(office), "127.0.0.1", 0)
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def laptop(tmp_path: Path, authority: Authority, address: str) -> Follower:
    """It has none."""
    laptop = Follower(tmp_path / "laptop", authority, up=False)

    def get(name: str, offset: int) -> Iterator[bytes]:
        try:
            yield from neighbour.get(address, name, offset)
        except NeighbourError as error:
            raise (AbsentError if error.is_absent else CutError)(name) from error

    laptop.catalogue.neighbour = lambda: get
    return laptop


def test_it_takes_all_that_the_neighbour_has(laptop: Follower, relay: Follower) -> None:
    laptop.catalogue.step()
    assert laptop.said(EU) == b"the first list"
    assert laptop.said(NOTICE) == relay.said(NOTICE)
    assert (laptop.problem(), laptop.asked) == (None, [])


def test_what_is_new_comes_with_the_next_visit(
    laptop: Follower, relay: Follower, authority: Authority
) -> None:
    laptop.catalogue.step()
    authority.publish(EU, b"the second list")
    relay.look()
    laptop.catalogue.step()
    assert laptop.said(EU) == b"the first list"  # not yet: nobody is asked all the time
    laptop.monotonic_ms += 3_600_000
    laptop.catalogue.step()
    assert laptop.said(EU) == b"the second list"


def test_a_neighbour_that_lies_changes_nothing(laptop: Follower, relay: Follower) -> None:
    [target] = relay.catalogue.all(EU)
    target.path.write_bytes(b"an evil list!!")
    laptop.catalogue.step()
    assert laptop.said(EU) is None
    assert laptop.problem() is Problem.MIXED


def test_what_was_cut_is_resumed(laptop: Follower, relay: Follower) -> None:
    real, offsets = laptop.catalogue.neighbour(), []
    assert real is not None

    def cutting(name: str, offset: int) -> Iterator[bytes]:
        if name.endswith("today.json"):
            offsets.append(offset)
            yield next(real(name, offset))[:10_000]
            raise CutError(name)
        yield from real(name, offset)

    laptop.catalogue.neighbour = lambda: cutting
    for _ in range(3):
        laptop.monotonic_ms += 3_600_000
        laptop.catalogue.step()
    laptop.catalogue.neighbour = lambda: real
    laptop.monotonic_ms += 3_600_000
    laptop.catalogue.step()
    assert offsets[0] == 0 < offsets[1] < offsets[2]
    assert laptop.said(NOTICE) == relay.said(NOTICE)


@pytest.mark.parametrize(
    "name",
    [
        "metadata/../index",
        "metadata/9.root.json",
        "metadata/9.trust.json",
        "metadata/root_history",
        "metadata/1.evil.json",
        "targets/trust/lists/x",
        "files/index",
        "../outbox.db",
        "",
    ],
)
def test_nothing_but_the_catalogue_is_handed_on(name: str, relay: Follower, address: str) -> None:
    assert relay.catalogue.shared(name) is None
    with pytest.raises(NeighbourError) as found:
        b"".join(neighbour.get(address, name, 0))
    assert found.value.is_absent
