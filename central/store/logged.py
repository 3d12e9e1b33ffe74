"""One record of the log on its way into projections."""

from dataclasses import dataclass
from typing import Any

from central.store.contents import Contents
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class Logged:
    """One record of the log, as projections see it."""

    node_id: str
    stream: Stream
    seq: int
    contents: Contents
    cloned: bool
    arrived_at_ms: int

    def place(self) -> dict[str, Any]:
        epoch, lane = self.stream.epoch, self.stream.lane.value
        return {"node_id": self.node_id, "epoch": epoch, "lane": lane, "seq": self.seq}
