"""The relay's own end: parcels of others go to central after our own records, and acks come back.

A parcel waits while our own records of its lane or a more urgent one wait, unless those have stood
still for a while. It is sent again until central's ack covers it.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass

from sync.pump import Pump
from sync.store.errors import StoreFullError
from sync.store.relayed import Lying, Relayed
from sync.store.store import Store
from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.errors import WireError
from sync.wire.keys import CentralKeys
from sync.wire.lanes import Lane
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.messages import Ack
from sync.wire.sign import verified

log = logging.getLogger(__name__)

WINDOW_BYTES = 256 * 1024  # of others', sent within the last wait: half of what our own may take
CARRIED_BYTES = 128 * 1024  # in one message
FIRST_WAIT_MS, WAIT_MS_MAX = 30_000, 3_600_000  # for an ack, doubled each time
TRIES_MAX = 24  # then it is given up, after most of a day of link: its node has it still
STILL_MS = 60_000  # after which our own records that do not move hold nobody back
ALL_LANES = max(lane.value for lane in Lane)

assert CARRIED_BYTES + 8 * 1024 < MESSAGE_BYTES_MAX


@dataclass(slots=True)
class _Flight:
    """A parcel that was sent at least once."""

    tries: int = 0
    sent_ms: int = 0
    due_ms: int = 0
    size: int = 0


class Forwarder:
    """Used on the pump's thread."""

    def __init__(self, relayed: Relayed, store: Store, central: CentralKeys) -> None:
        self._relayed, self._store, self._central = relayed, store, central
        self._flights: dict[int, _Flight] = {}
        self._own: tuple[int, ...] = ()
        self._own_moved_ms = 0

    def step(self, pump: Pump, now_ms: int, _wall_ms: int) -> None:
        """Send what may go now."""
        self._central = pump.central  # the catalogue may have changed whom to believe
        if not pump.link.up:
            for flight in self._flights.values():
                flight.due_ms = 0  # what was on its way may be lost
            return
        lane_max = self._lane_max(now_ms)
        while (room := self._room(now_ms)) > 0:
            waiting = [n for n, flight in self._flights.items() if flight.due_ms > now_ms]
            group = self._relayed.next(lane_max, waiting, min(room, CARRIED_BYTES))
            if not group:
                break
            self._send(pump, group, now_ms)

    def take(self, carried: Carried, _now_ms: int, _wall_ms: int) -> None:
        """Central's words for other nodes, in an envelope that is truly central's."""
        for parcel in carried.parcels:
            try:
                message = messages.decode(verified(parcel.message, self._central.signing))
            except WireError:
                continue
            with suppress(StoreFullError):  # it will be said again
                if isinstance(message, Ack) and message.node_id == parcel.node_id:
                    self._relayed.confirm(parcel.node_id, message, parcel.message)
                else:
                    self._relayed.keep_answer(parcel.node_id, parcel.message)

    def _send(self, pump: Pump, group: list[Lying], now_ms: int) -> None:
        parcels = []
        for one in group:
            if not one.is_answered:  # if it is lost, central says again what it answers
                self._drop(one.n)
            elif not self._leaves(one, now_ms):
                continue
            parcels.append(Parcel(one.node_id, one.message))
        if parcels:
            pump.tell(Carried(self._store.node_id, tuple(parcels)))

    def _leaves(self, one: Lying, now_ms: int) -> bool:
        """Note that a parcel leaves; False: it did so in vain too often, and is given up."""
        flight = self._flights.setdefault(one.n, _Flight(size=len(one.message)))
        flight.tries += 1
        flight.sent_ms = now_ms
        flight.due_ms = now_ms + min(FIRST_WAIT_MS << (flight.tries - 1), WAIT_MS_MAX)
        if flight.tries <= TRIES_MAX:
            return True
        log.warning("a parcel that central never confirmed is given up")
        self._drop(one.n)
        del self._flights[one.n]
        return False

    def _drop(self, n: int) -> None:
        with suppress(StoreFullError):  # then it goes once more, which does no harm
            self._relayed.drop(n)

    def _room(self, now_ms: int) -> int:
        """Forget what was confirmed, and count what is on its way."""
        here = self._relayed.numbers()
        self._flights = {n: flight for n, flight in self._flights.items() if n in here}
        fresh = [one for one in self._flights.values() if one.sent_ms + FIRST_WAIT_MS > now_ms]
        return WINDOW_BYTES - sum(one.size for one in fresh if one.due_ms > now_ms)

    def _lane_max(self, now_ms: int) -> int:
        """Our own go first within a lane."""
        depths = self._store.depths()
        own = tuple(depth.held for depth in depths.values())
        if own != self._own:
            self._own, self._own_moved_ms = own, now_ms
        waiting = [lane.value for lane, depth in depths.items() if depth.waiting]
        if not waiting or now_ms - self._own_moved_ms > STILL_MS:
            return ALL_LANES
        return min(waiting) - 1
