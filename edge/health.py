"""What the node tells of itself: readings and depths, for its own page and for central."""

from collections.abc import Mapping

from hardware.readings import HostReading, Seen
from localservices.facts import HostFacts
from sync.store.store import Depth
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.health import LaneDepth, NodeHealth
from sync.wire.lanes import Lane
from sync.wire.records import to_body

READING_AGE_MS_MAX = 10 * 60_000  # older is not how the node is, but how it was


def facts(seen: Seen[HostReading] | None, now_ms: int, wall_ms: int) -> HostFacts | None:
    """The last good reading for the page, with the wall time at which it was taken."""
    if seen is None:
        return None
    reading = seen.reading
    return HostFacts(
        at_ms=wall_ms - seen.age_ms(now_ms),
        disk_free_bytes=reading.disk_free_bytes,
        disk_total_bytes=reading.disk_total_bytes,
        memory_used_bytes=reading.memory_used_bytes,
        memory_total_bytes=reading.memory_total_bytes,
        temperature_c=reading.temperature_c,
        cpu_percent=reading.cpu_percent,
    )


def fresh(seen: Seen[HostReading] | None, now_ms: int) -> HostReading | None:
    """None where there is no reading, or where it is too old to be told as the present."""
    if seen is None or seen.age_ms(now_ms) > READING_AGE_MS_MAX:
        return None
    return seen.reading


def node_health(
    version: str,
    depths: Mapping[Lane, Depth],
    reading: HostReading | None,
    *,
    unlocked: bool | None,
) -> NodeHealth:
    """The health that central is told. Without a reading it still tells the depths."""
    lanes = tuple(
        LaneDepth(lane.value, depth.waiting, depth.written) for lane, depth in depths.items()
    )
    if reading is None:
        return NodeHealth(version, lanes, unlocked=unlocked)
    return NodeHealth(
        version,
        lanes,
        disk_free_bytes=reading.disk_free_bytes,
        disk_total_bytes=reading.disk_total_bytes,
        memory_used_bytes=reading.memory_used_bytes,
        memory_total_bytes=reading.memory_total_bytes,
        cpu_percent=reading.cpu_percent,
        temperature_c=reading.temperature_c,
        host_up_s=reading.up_s,
        unlocked=unlocked,
    )


def entry(health: NodeHealth, stamp: Stamp) -> Entry:
    """As ``Pump.offer_health`` takes it."""
    return Entry(health.kind, stamp, to_body(health))
