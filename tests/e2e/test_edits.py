"""One household, two nodes in the dark: both edit it, central merges, and both are told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from provisioning.demo.browser import StaffBrowser
from provisioning.demo.people import Sample
from tests.daemons import require
from tests.e2e.region import Region


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    require("nats-server")
    region = Region(tmp_path)
    try:
        yield region
    finally:
        region.close()


def test_what_two_nodes_changed_in_the_dark_is_merged_and_comes_down_to_both(
    region: Region,
) -> None:
    both = staff_at_both(region)
    page = both.hold_one_household()
    public_id = page.rsplit("/", 1)[-1]

    region.switch.cut()
    both.centre.correct(page, {"phone": "050 222 22 33", "reason": "lost the card"})
    both.laptop.correct(page, {"phone": "050 333 22 33", "shelter": "Стрий, школа 2"})
    region.switch.restore()

    numbers = ("+380502222233", "+380503332233")
    for said in ('id="collisions"', "Стрий, школа 2", *numbers):
        both.expect(partial(shows, page, said), f"show {said}")
    assert collisions(region) == [(public_id, "phone")]
    both.laptop.settle(page, numbers[0])
    both.expect(lambda staff: 'id="collisions"' not in staff.text(page), "show it settled")
    assert standing(region) == (numbers[0], "Стрий, школа 2", 0)
    assert collisions(region) == []

    both.centre.take_out(page, "registered twice")
    both.expect(lambda staff: public_id not in staff.text("households"), "list it no more")
    assert "registered twice" in both.laptop.text(page)
    assert standing(region)[2] == 1


@dataclass
class Both:
    """Staff at two nodes that hold the same household."""

    region: Region
    centre: StaffBrowser
    laptop: StaffBrowser

    def hold_one_household(self) -> str:
        """Its page, the same at both."""
        page = self.centre.register(Sample(1).fields() | {"phone": "050 111 22 33"})
        public_id = page.rsplit("/", 1)[-1]
        self.region.expect("central has it", lambda: self.centre.stage(page) == "held")
        self.region.command("central", "share", "--config", "central.toml", public_id, "field-1")
        self.expect(lambda staff: public_id in staff.text("households"), "list it")
        return page

    def expect(self, holds: Callable[[StaffBrowser], bool], what: str) -> None:
        self.region.expect(f"both {what}", lambda: holds(self.centre) and holds(self.laptop))


def staff_at_both(region: Region) -> Both:
    staff = []
    region.start("central")
    for name in ("centre-1", "field-1"):
        region.start(name)
        staff.append(region.staff_at(name))
    return Both(region, *staff)


def shows(page: str, said: str, staff: StaffBrowser) -> bool:
    return said in staff.text(page)


def standing(region: Region) -> tuple[object, ...]:
    [found] = region.country.ask(
        "central/central.db", "SELECT phone, shelter, removed FROM households"
    )
    return tuple(found)


def collisions(region: Region) -> list[tuple[object, ...]]:
    found = region.country.ask("central/central.db", "SELECT about, field FROM collisions")
    return [tuple(row) for row in found]
