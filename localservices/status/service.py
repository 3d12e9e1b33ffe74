"""What a person needs to know of this node at a glance. Knows no HTTP and no HTML."""

from dataclasses import dataclass

from localservices.facts import HostFacts, LinkFacts, Progress
from sync.store.store import Store
from sync.wire.lanes import Lane

_DISK_LOW_SHARE = 0.1
_HOT_C = 80


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane, in records."""

    lane: Lane
    written: int
    held: int  # central has them
    backed_up: int
    waiting: int
    sent: int  # on their way, not yet confirmed
    bytes_left: int  # about, over the link


def lanes(store: Store, progress: Progress) -> list[LaneView]:
    """The lanes in the order in which they are served."""
    return [
        LaneView(
            lane,
            depth.written,
            depth.held,
            depth.backed_up,
            depth.waiting,
            max(0, progress.sent.get(lane.name.lower(), 0) - depth.held),
            progress.bytes_left.get(lane.name.lower(), 0),
        )
        for lane, depth in store.depths().items()
    ]


def span(seconds: int) -> tuple[str, int]:
    """A time left as a unit and a count, no finer than can be known."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length or (unit == "minutes" and seconds >= length):
            return unit, round(seconds / length)
    return "seconds", max(1, seconds)


def over_budget(progress: Progress) -> bool:
    return progress.budget_bytes is not None and progress.today_bytes > progress.budget_bytes


def host_troubles(host: HostFacts | None) -> list[str]:
    """What of the machine a person should look after, as codes."""
    if host is None:
        return []
    troubles = []
    free, total = host.disk_free_bytes, host.disk_total_bytes
    if free is not None and total and free < total * _DISK_LOW_SHARE:
        troubles.append("disk_low")
    if host.temperature_c is not None and host.temperature_c >= _HOT_C:
        troubles.append("hot")
    return troubles


def summary(link: LinkFacts, views: list[LaneView]) -> str:
    """One word for the whole: are all records with central, on their way, or waiting here?"""
    if not any(view.waiting for view in views):
        return "all_held" if any(view.written for view in views) else "nothing_yet"
    return "sending" if link.up else "kept_here"
