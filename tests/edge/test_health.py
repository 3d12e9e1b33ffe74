"""What a node tells of itself: the present, and nothing where it does not know."""

from pathlib import Path

from edge import health
from hardware.readings import HostReading, Seen
from localservices.facts import HostFacts
from sync.store.store import Depth
from sync.wire import entries
from sync.wire.entries import Stamp
from sync.wire.kinds.health import LaneDepth, NodeHealth
from sync.wire.lanes import Lane
from sync.wire.records import from_body
from tests.builders import NOON_MS, Surroundings, a_household, a_store

READING = HostReading(
    source="test",
    disk_free_bytes=1,
    disk_total_bytes=2,
    memory_used_bytes=3,
    memory_total_bytes=4,
    cpu_percent=5,
    temperature_c=6,
    up_s=7,
)
DEPTHS = {Lane.PEOPLE: Depth(written=9, held=4, backed_up=0)}


def test_the_page_shows_the_last_good_reading_with_the_time_it_was_taken() -> None:
    seen = Seen(READING, at_ms=1_000)
    assert health.facts(seen, now_ms=61_000, wall_ms=NOON_MS) == HostFacts(
        NOON_MS - 60_000, 1, 2, 3, 4, temperature_c=6, cpu_percent=5
    )


def test_before_the_first_reading_the_page_is_told_so() -> None:
    assert health.facts(None, now_ms=0, wall_ms=NOON_MS) is None


def test_central_is_told_depths_and_reading() -> None:
    assert health.node_health("0.1.0", DEPTHS, READING, unlocked=True) == NodeHealth(
        version="0.1.0",
        lanes=(LaneDepth(Lane.PEOPLE.value, waiting=5, written=9),),
        disk_free_bytes=1,
        disk_total_bytes=2,
        memory_used_bytes=3,
        memory_total_bytes=4,
        cpu_percent=5,
        temperature_c=6,
        host_up_s=7,
        unlocked=True,
    )


def test_a_reading_from_long_ago_is_not_told_as_the_present() -> None:
    seen = Seen(READING, at_ms=0)
    assert health.fresh(seen, health.READING_AGE_MS_MAX) == READING
    assert health.fresh(seen, health.READING_AGE_MS_MAX + 1) is None
    assert health.fresh(None, 0) is None


def test_what_was_not_said_costs_no_byte_and_comes_back_as_not_said(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    store.write(a_household())
    told = health.node_health("0.1.0", store.depths(), None, unlocked=None)
    entry = health.entry(told, Stamp(NOON_MS))
    assert entry.body.keys() == {"version", "lanes"}
    back = entries.decode(entries.encode(entry))
    assert from_body(back.kind, back.body) == told
    store.close()
