"""What the pages are told of the way to central: the pump, the roads, the clock, the disk."""

from dataclasses import dataclass
from pathlib import Path

from edge import certificate
from edge.catalogue import Following
from edge.relays import Relays
from edge.roads import Built
from edge.timekeeping import Timekeeper
from localservices.facts import LinkFacts
from sync.pump import Pump
from sync.store.writer import GroupWriter
from sync.transport.line import Reason

_FOR_A_TECHNICIAN = (Reason.FILES, Reason.UNTRUSTED, Reason.TURNED_AWAY)  # no link mends these


@dataclass(frozen=True, slots=True)
class Outlook:
    """Any thread may ask."""

    keys: Path
    pump: Pump
    ways: Built
    time: Timekeeper
    writer: GroupWriter
    relays: Relays
    following: Following

    def facts(self) -> LinkFacts:
        state, failed = self.pump.link, self.writer.failed.is_set()
        troubles = [*(trouble.value for trouble in sorted(state.troubles)), *self.relays.troubles]
        troubles += [*self._of_roads(up=state.up), *self.following.troubles]
        if failed:
            troubles.append("disk_failed")
        if self.time.clock_is_wrong:
            troubles.append("clock")
        up, road = state.up and not failed, self.ways.roads.in_use
        return LinkFacts(up, state.since_ms, state.last_ack_ms, tuple(troubles), road)

    def _of_roads(self, *, up: bool) -> list[str]:
        found = certificate.read(self.keys)
        stamp = self.time.stamp()
        now_ms = max(stamp.reading_ms, stamp.not_before_ms or 0)
        trouble = None if found is None else found.trouble_at(now_ms)
        if trouble == certificate.ENDED:
            return [trouble]  # which says why the broker turns us away, too
        reason = None if up else self.ways.mqtt.reason  # by another road all is well
        told = [] if trouble is None else [trouble]
        return [*told, reason.value] if reason in _FOR_A_TECHNICIAN else told
