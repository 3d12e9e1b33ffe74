"""Two roads between a real node and a real central: when one fails, records go by the other."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from provisioning.demo.village import Ports
from tests.daemons import free_port, require
from tests.e2e.centre import Centre


@pytest.fixture
def two_roads(tmp_path: Path) -> Iterator[Centre]:
    require("nats-server")
    centre = Centre(tmp_path / "centre", ports=Ports(https=free_port()))
    try:
        centre.open()
        yield centre
    finally:
        centre.village.stop()


def broker_of(centre: Centre) -> psutil.Process:
    return psutil.Process(int((centre.village.folder / "central/broker/pid").read_text("ascii")))


def test_where_the_broker_is_out_of_reach_records_go_by_https(two_roads: Centre) -> None:
    centre = two_roads
    centre.register(1, note="by mqtt")
    centre.expect("the first is held", centre.all_held)
    centre.village.switch.cut()
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
    centre.register(1, note="before")
    centre.expect("the first is held", centre.all_held)
    broker = broker_of(centre)
    broker.send_signal(signal.SIGSTOP)  # its sockets stay open, and nobody answers on them
    try:
        centre.register(2, note="meanwhile")
        centre.expect("it is held all the same", centre.all_held)
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
