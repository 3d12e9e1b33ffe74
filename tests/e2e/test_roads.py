"""Two roads between a real node and a real central: when one fails, records go by the other."""

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from provisioning import authority, catalogue, clock, enrolment
from provisioning.demo.village import NODE_ID, Ports
from provisioning.enrolment import Signing
from tests.daemons import free_port, require
from tests.e2e.centre import Centre

PROBATION_S = 240  # of a road that failed: dialled, proved, and the other one used a while


@pytest.fixture
def two_roads(tmp_path: Path) -> Iterator[Centre]:
    require("nats-server")
    centre = Centre(tmp_path / "centre", ports=Ports(https=free_port()))
    try:
        centre.open()
        yield centre
    finally:
        centre.village.stop()


def uses(centre: Centre, road: str) -> Callable[[], bool]:
    return lambda: bool(centre.staff.status()["link"]["road"] == road)


def broker_of(centre: Centre) -> psutil.Process:
    return psutil.Process(int((centre.village.folder / "central/broker/pid").read_text("ascii")))


def test_where_the_broker_is_out_of_reach_records_go_by_https(two_roads: Centre) -> None:
    centre = two_roads
    centre.expect("the free road is in use", uses(centre, "mqtt"))
    centre.register(1, note="by mqtt")
    centre.expect("the first is held", centre.all_held)
    centre.village.switch.cut()
    centre.expect("the other road is in use", uses(centre, "https"))
    for number in range(2, 6):
        centre.register(number, note=f"by https {number}")
    centre.expect("they are held", centre.all_held)
    centre.village.switch.restore()
    centre.register(6, note="by any")
    centre.expect("so is the last", centre.all_held)
    assert set(centre.notes_at_central().values()) == {1}
    assert centre.notes_at_central().total() == 6


def test_a_road_that_is_open_and_silent_is_left(two_roads: Centre) -> None:
    centre = two_roads
    centre.expect("the free road is in use", uses(centre, "mqtt"))
    centre.register(1, note="before")
    centre.expect("the first is held", centre.all_held)
    broker = broker_of(centre)
    broker.send_signal(signal.SIGSTOP)  # its sockets stay open, and nobody answers on them
    try:
        centre.register(2, note="meanwhile")
        centre.expect("it is held all the same", centre.all_held)
        assert uses(centre, "https")()
    finally:
        broker.send_signal(signal.SIGCONT)
    assert centre.notes_at_central() == {"before": 1, "meanwhile": 1}


def test_a_central_that_was_killed_is_found_again_by_https(two_roads: Centre) -> None:
    centre = two_roads
    centre.village.switch.cut()
    centre.register(1, note="before")
    centre.expect("the first is held", centre.all_held)
    centre.village.central.kill()
    centre.register(2, note="meanwhile")
    centre.restart_central()
    centre.village.switch.cut()
    centre.expect("it is held when central is back", centre.all_held)
    assert centre.notes_at_central() == {"before": 1, "meanwhile": 1}


@pytest.mark.long
def test_the_free_road_is_used_again_when_it_has_proved_itself(two_roads: Centre) -> None:
    centre = two_roads
    centre.village.switch.cut()
    centre.expect("the other road is in use", uses(centre, "https"))
    centre.village.switch.restore()
    centre.register(1, note="meanwhile")
    centre.expect("it is held", centre.all_held)
    assert uses(centre, "https")()
    centre.expect("the free road is in use", uses(centre, "mqtt"), wait_s=PROBATION_S)
    centre.register(2, note="after")
    centre.expect("it is held", centre.all_held)
    assert uses(centre, "mqtt")()


def test_a_certificate_that_ran_out_in_the_dark_stops_no_record(tmp_path: Path) -> None:
    require("nats-server")
    centre = Centre(tmp_path / "centre", ports=Ports(https=free_port()))
    signing = enrolled_long_ago(centre.village.folder / "keys")
    try:
        centre.open()
        centre.register(1, note="by https")
        centre.expect("it is held", centre.all_held)
        status = centre.staff.status()["link"]
        assert (status["road"], "certificate_ended" in status["troubles"]) == ("https", True)
        assert "provision renew" in centre.staff.text("")
        assert "The node's certificate ended on" in centre.command("node", "status")
        enrolment.renew(centre.village.folder / "keys" / "node", signing, clock.now())
        centre.expect("mqtt is open without a restart", uses(centre, "mqtt"))
        assert "certificate_ended" not in centre.staff.status()["link"]["troubles"]
        centre.register(2, note="by mqtt")
        centre.expect("it is held", centre.all_held)
        assert centre.notes_at_central() == {"by https": 1, "by mqtt": 1}
    finally:
        centre.village.stop()


def enrolled_long_ago(keys: Path) -> Signing:
    """A central of today, and a node whose certificate ended."""
    now = clock.now()
    long_ago = now - timedelta(days=400)
    root = authority.new_root(long_ago)
    signing = Signing(root.certificate, authority.new_issuing(root, long_ago))
    keys.mkdir(mode=0o700, parents=True)
    enrolment.enrol_central(keys / "central", signing, ["127.0.0.1"], now)
    theirs = catalogue.new_keys()
    catalogue.equip(keys / "central", theirs, now, theirs.roles)
    enrolment.enrol_node(keys / "node", NODE_ID, keys / "central", signing, long_ago)
    return signing
