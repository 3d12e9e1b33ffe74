"""A trust list from the publisher's shell to the node's page, through real processes."""

import json
import subprocess
import sys
from pathlib import Path

from provisioning.demo.village import Ports
from tests.daemons import free_port, require
from tests.e2e.centre import Centre
from tests.e2e.region import Region

TRUST = "trust/lists/eu.json"


def publish(centre: Centre, content: str, target: str = TRUST) -> str:
    source = centre.village.folder / "source.json"
    source.write_text(content, "utf-8")
    command = [sys.executable, "-P", "-m", "edge", "central", "publish", str(source)]
    config = str(centre.village.folder / "central.toml")
    done = subprocess.run(
        [*command, "--as", target, "--config", config], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_what_is_published_at_central_is_in_force_at_the_node(centre: Centre) -> None:
    trust = (centre.village.folder / "trust.json").read_text("utf-8")
    said = publish(centre, json.dumps(json.loads(trust)))
    assert "is in force" in said
    centre.expect(
        "the trust list at the node",
        lambda: centre.staff.catalogue().get(TRUST, {}).get("standing") == "in_force",
    )


def rotate_keys(centre: Centre) -> None:
    command = [sys.executable, "-P", "-m", "edge", "central", "rotate-keys"]
    config = str(centre.village.folder / "central.toml")
    subprocess.run([*command, "--config", config], capture_output=True, text=True, check=True)


def test_a_node_that_was_away_while_central_s_keys_changed_loses_no_record(centre: Centre) -> None:
    signing = centre.village.folder / "keys" / "central" / "signing.key"
    before = signing.read_text("ascii")
    centre.register(1)
    centre.expect("the first at central", centre.all_held)
    centre.village.central.stop()
    centre.register(2)  # sealed to the old key, and never sent until now
    centre.village.node.stop()
    for _ in range(2):
        rotate_keys(centre)
    assert signing.read_text("ascii") != before
    centre.restart_central()
    centre.restart_node()
    centre.register(3)
    centre.expect("all at central", centre.all_held)
    centre.village.node.stop()
    centre.restart_node()  # this epoch is sealed to the newest key
    centre.register(4)
    centre.expect("all at central", lambda: centre.households_at_central() == 4)
    assert centre.all_held()
    assert centre.staff.status()["link"]["troubles"] == []


def test_where_only_https_is_open_the_catalogue_comes_that_way(tmp_path: Path) -> None:
    require("nats-server")
    centre = Centre(tmp_path / "centre", ports=Ports(https=free_port()))
    try:
        centre.open()
        centre.village.switch.cut()
        publish(centre, json.dumps([]), "notices/today.json")
        centre.expect("the notice", lambda: "notices/today.json" in centre.staff.catalogue())
    finally:
        centre.village.stop()


def test_a_laptop_without_a_link_takes_the_catalogue_from_the_centre_s_node(tmp_path: Path) -> None:
    require("nats-server")
    region = Region(tmp_path)
    name = "notices/today.json"
    try:
        region.start("central")
        (tmp_path / "today.json").write_text("{}", "utf-8")
        region.command("central", "publish", "today.json", "--as", name)
        region.start("centre-1")
        held = tmp_path / "centre-1" / "catalogue"
        region.expect("the centre has it", lambda: len([*held.glob("*/files/*")]) > 1)
        region.start("field-1")
        laptop = region.staff_at("field-1")
        region.expect("the laptop has it", lambda: name in laptop.catalogue())
        assert laptop.catalogue()[name]["standing"] == "in_force"
        assert not laptop.status()["link"]["up"]
    finally:
        region.close()


def test_a_node_in_the_dark_takes_the_catalogue_from_a_stick(tmp_path: Path) -> None:
    require("nats-server")
    region = Region(tmp_path)
    try:
        region.start("central")
        (tmp_path / "today.json").write_text("{}", "utf-8")
        region.command("central", "publish", "today.json", "--as", "notices/today.json")
        region.command("central", "courier", "stick")
        region.start("field-1")
        laptop = region.staff_at("field-1")
        region.command("courier", "import", "stick", "--config", "field-1.toml")
        region.expect("it has the notice", lambda: "notices/today.json" in laptop.catalogue())
    finally:
        region.close()
