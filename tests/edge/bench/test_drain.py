"""The emulated sky does what its name says, and a drain over it brings everything home once."""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from edge import clock
from edge.bench.commands import bench
from edge.bench.drain import emulator
from edge.bench.drain.drain import ours
from edge.bench.drain.emulator import Direction
from edge.bench.drain.skies import SKIES, Sky
from tests.daemons import require

CLEAR = Sky("clear", rate_kbit=80, way_ms=100, jitter_ms=0, loss=0.0)  # 10 bytes a millisecond
PACKET = bytes(1_000)

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/net/tun").exists(),
    reason="network namespaces and TUN devices take root",
)


class Air:
    """One direction and what came out of it."""

    def __init__(self, sky: Sky) -> None:
        self.landed: list[bytes] = []
        self.way = Direction(sky, Random(1), self.landed.append)

    def offer(self, count: int, at_ms: float) -> None:
        for number in range(count):
            self.way.offer(number.to_bytes(4, "big") + PACKET[4:], at_ms)


def test_packets_come_one_after_another_at_the_links_rate_and_in_order() -> None:
    air = Air(CLEAR)
    air.offer(3, 0)
    for at_ms, there in ((199, 0), (200, 1), (300, 2), (400, 3)):
        air.way.land(at_ms)
        assert [int.from_bytes(packet[:4], "big") for packet in air.landed] == list(range(there))
    assert air.way.passed.wire_bytes == 3_000


def test_what_would_wait_longer_than_the_queue_holds_is_dropped() -> None:
    air = Air(CLEAR)
    air.offer(20, 0)
    assert air.way.passed.packets == 11
    assert air.way.passed.dropped == 9


def test_what_fades_has_taken_its_time_on_the_link() -> None:
    air = Air(replace(CLEAR, loss=1.0))
    air.offer(2, 0)
    air.way.land(10_000)
    assert air.landed == []
    assert air.way.passed.wire_bytes == 2_000


def test_a_link_of_one_minute_in_two_counts_from_its_beginning() -> None:
    air = Air(SKIES["bgan"])
    air.way.began_ms = 7_000
    for at_ms, packets in ((66_000, 1), (68_000, 1), (126_000, 1), (128_000, 2)):
        air.offer(1, at_ms)
        assert air.way.passed.packets == packets
    assert SKIES["bgan"].bytes_a_s == 4_000


def test_a_dish_turns_at_the_end_of_every_fifteen_seconds() -> None:
    sky = SKIES["starlink"]
    turning = [at_ms for at_ms in range(0, 45_000, 100) if sky.turns(at_ms)]
    assert turning == [14_800, 14_900, 29_800, 29_900, 44_800, 44_900]


def test_without_the_right_to_make_devices_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(emulator, "_TUN", tmp_path / "absent")
    monkeypatch.setenv("PATH", str(tmp_path))
    told = CliRunner().invoke(bench, ["drain", "--link", "geo", "--records", "1", "--alone"])
    assert told.exit_code == 1
    assert "The program ip is not installed" in told.output
    assert "Traceback" not in told.output


@pytest.mark.long
@needs_root
def test_a_drain_brings_everything_home_once_and_lets_the_urgent_one_pass() -> None:
    require("nats-server")
    count = 1_500
    found = ours(SKIES["geo"], count, clock.monotonic_ms)
    assert (found.sent_twice, found.doubled) == (0, 0)
    assert found.outcome.bytes_a_record <= 200
    # A round trip and a batch, and what a lost packet holds up: its own round trip, twice if the
    # second copy is lost as well.
    assert found.urgent_ms <= 600 + 1_200 + 2 * 1_000
