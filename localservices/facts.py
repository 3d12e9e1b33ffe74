"""What the node's pages are told of the link and of the host. Plain values, made elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The way to central. Times are Unix milliseconds; ``None``: not since the node started.

    ``road`` names the one in use, such as mqtt or https.
    """

    up: bool
    since_ms: int | None
    last_ack_ms: int | None
    troubles: tuple[str, ...] = ()  # codes; those without a sentence are shown as they are
    road: str | None = None


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


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file that central sends to all nodes. Times are Unix milliseconds.

    Attributes:
        standing: a code: in_force, coming, stale or ended.
        since_ms: in force here from then on; None: it is not here yet.
        confirmed_ms: when central last said that there is no newer one.
    """

    name: str
    standing: str
    length: int
    since_ms: int | None
    confirmed_ms: int | None


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """What central sends to all nodes; ``problem`` is a code, ``made_ms`` central's last word."""

    files: tuple[FileFacts, ...]
    problem: str | None
    made_ms: int | None
