"""What a node says of itself: the host's reading and the depth of its queue."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """How much of one lane is on the node and not yet held by central."""

    lane: int
    waiting: int  # records
    written: int  # records, all epochs still on the node


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """Only the latest matters. ``None``: the host did not say."""

    kind: ClassVar[str] = "node.health"
    lane: ClassVar[Lane] = Lane.HEALTH
    retention_hours: ClassVar[int] = 0

    version: str
    lanes: tuple[LaneDepth, ...]
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    cpu_percent: int | None = None
    temperature_c: int | None = None
    host_up_s: int | None = None
    unlocked: bool | None = None  # the working set is open to staff
