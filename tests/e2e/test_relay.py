"""A field laptop whose only link is a centre's local network: its records reach central once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.demo.browser import StaffBrowser
from provisioning.demo.people import Sample
from tests.daemons import require
from tests.e2e.region import ACCOUNT, Region


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    require("nats-server")
    region = Region(tmp_path)
    try:
        yield region
    finally:
        region.close()


def test_a_laptop_without_any_link_but_the_lan_is_told_that_central_has_it(region: Region) -> None:
    for name in ("central", "centre-1", "field-1"):
        region.start(name)
    laptop = region.staff_at("field-1")
    pages = [laptop.register(Sample(number).fields()) for number in range(3)]
    region.expect("central has it", lambda: {laptop.stage(one) for one in pages} == {"held"})
    assert not laptop.status()["link"]["up"]
    assert region.at_central()["field-1"] == laptop.status()["lanes"]["people"]["written"] == 3
    region.expect("nothing is kept for others any more", lambda: region.parcels() == 0)
    region.command("central", "message", "--config", "central.toml", "field-1", "Хліб привезуть")
    region.expect("central's word is there", lambda: "Хліб" in laptop.text("notices"))
    region.expect("central knows it", lambda: region.letters_unread() == 0)


def test_what_a_relay_in_the_dark_took_over_survives_kill_9_and_reaches_central_once(
    region: Region,
) -> None:
    """And the laptop need not be there when it does."""
    region.start("centre-1")  # central is not there yet: the relay is in the dark
    region.start("field-1")
    laptop = region.staff_at("field-1")
    pages = [laptop.register(Sample(number).fields()) for number in range(3)]
    region.expect("handed over", lambda: {laptop.stage(one) for one in pages} == {"sent"})
    written = sum(lane["written"] for lane in laptop.status()["lanes"].values())
    region.kill("centre-1")
    assert region.parcels() > 0
    region.processes["field-1"].stop()
    region.start("central")
    region.start("centre-1")
    region.expect("central has it", lambda: region.at_central()["field-1"] == written)
    region.expect("nothing is kept for others any more", lambda: region.parcels() == 0)
    region.start("field-1")
    laptop = StaffBrowser(region.address)
    laptop.sign_in(ACCOUNT)
    region.expect("it is told", lambda: {laptop.stage(one) for one in pages} == {"held"})
    assert len(set(region.country.at_central())) == len(region.country.at_central())
