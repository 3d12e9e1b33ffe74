"""What the node's pages are told of the link and of the host. Plain values, made elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The way to central. Times are Unix milliseconds; ``None``: not since the node started."""

    up: bool
    since_ms: int | None
    last_ack_ms: int | None
    troubles: tuple[str, ...] = ()  # codes; those without a sentence are shown as they are


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The last good reading of the machine. ``None``: it did not say."""

    at_ms: int
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: int | None = None
    cpu_percent: int | None = None
