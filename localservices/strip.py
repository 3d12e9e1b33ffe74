"""Where everything stands, for the line that every page shows: on this node, sent, with central."""

from dataclasses import dataclass

from localservices.facts import LinkFacts, Progress
from sync.store.store import Store
from sync.wire.lanes import DURABLE, Lane

_COUNTED = tuple(lane for lane in DURABLE if lane is not Lane.MEDIA)  # its pieces are no records


@dataclass(frozen=True, slots=True)
class Strip:
    """Records; ``heard_ms``: when central last confirmed any, Unix. None: not since the start."""

    here: int  # saved on this node, not yet sent
    sent: int  # on their way, not yet confirmed
    held: int  # central has them
    up: bool
    heard_ms: int | None


def strip(store: Store, link: LinkFacts, progress: Progress) -> Strip:
    depths = store.depths()
    written = sum(depths[lane].written for lane in _COUNTED)
    held = sum(depths[lane].held for lane in _COUNTED)
    left = sum(max(progress.sent.get(lane.name.lower(), 0), depths[lane].held) for lane in _COUNTED)
    return Strip(written - left, left - held, held, link.up, link.last_ack_ms)
