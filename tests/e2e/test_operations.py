"""What operations are told of a node: how its machine is, and that its disk was put back."""

import shutil
from typing import Any

import requests

from sync.wire import keys
from tests.e2e.centre import WAIT_S, Centre


def told_of(centre: Centre) -> dict[str, Any]:
    answer = requests.get(f"{centre.village.ops_address}api/fleet", timeout=WAIT_S)
    [node] = answer.json()["nodes"]
    return dict(node)


def test_the_machines_reading_is_on_the_nodes_page_and_at_central(centre: Centre) -> None:
    centre.expect("central is told", lambda: told_of(centre)["health_at_ms"] is not None)
    there, here = told_of(centre), centre.staff.status()["host"]
    for name in ("disk_total_bytes", "memory_total_bytes"):
        assert there[name] == here[name] > 0
    assert (there["state"], there["alerts"]) == ("up", {})
    centre.village.switch.cut()
    centre.expect("central sees it leave", lambda: told_of(centre)["state"] != "up")


def test_a_disk_put_back_from_an_older_image_keeps_both_branches_and_is_told(
    centre: Centre,
) -> None:
    data, image = centre.village.folder / "node", centre.village.folder / "image"
    centre.register(0, note="before the image")
    centre.expect("it is confirmed", centre.all_held)
    centre.village.node.stop()
    shutil.copytree(data, image)
    centre.restart_node()
    centre.register(1, note="after the image")
    centre.expect("it is confirmed", centre.all_held)
    assert told_of(centre)["alerts"] == {}

    centre.village.node.stop()
    shutil.rmtree(data)
    shutil.copytree(image, data)
    centre.restart_node()
    page = centre.register(2, note="on the older image")
    centre.expect("it is confirmed", lambda: centre.staff.stage(page) == "held")
    notes = ("before the image", "after the image", "on the older image")
    assert centre.notes_at_central() == dict.fromkeys(notes, 1)
    assert told_of(centre)["alerts"] == {"fork": 1}


def test_a_node_that_is_struck_off_the_list_is_turned_away_and_says_so_until_it_is_back(
    centre: Centre,
) -> None:
    fleet = centre.village.folder / "keys" / "central" / "fleet.json"
    members = fleet.read_text("utf-8")
    centre.register(0, note="as a member")
    centre.expect("it is confirmed", centre.all_held)
    fleet.write_text(keys.fleet_text({}), "utf-8")
    centre.expect(
        "home says that the broker turns the node away",
        lambda: "broker turns this node away" in centre.staff._get(""),
    )
    page = centre.register(1, note="struck off")
    assert centre.staff.stage(page) == "saved"
    assert centre.households_at_central() == 1
    fleet.write_text(members, "utf-8")
    centre.expect("it is confirmed", lambda: centre.staff.stage(page) == "held")
    assert centre.notes_at_central() == {"as a member": 1, "struck off": 1}
