"""What the node's pages are told of the link and of the host. Plain values, made elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
class Progress:
    """How far sending has come. Lanes are called by their names in lower case.

    Attributes:
        sent: records that left at least once, by lane.
        bytes_left: about what has still to go over the link, by lane.
        differing: lanes in which central holds another history.
        goodput: acked bytes a second; None: not measured.
        seconds_left: for all that waits, at this speed; None: unknown, or there is no link.
        today_bytes, budget_bytes: over all roads; None: nobody has set a budget.
    """

    sent: Mapping[str, int] = field(default_factory=dict)
    bytes_left: Mapping[str, int] = field(default_factory=dict)
    differing: frozenset[str] = frozenset()
    goodput: float | None = None
    seconds_left: int | None = None
    today_bytes: int = 0
    budget_bytes: int | None = None


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
