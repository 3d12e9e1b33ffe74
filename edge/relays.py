"""Puts together what a node does for others on its local network, and what others do for it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from flask import Blueprint

from edge import clock, room
from edge.config import Config
from edge.errors import NodeError
from edge.jobs import Duty
from edge.signing import Signing
from localservices.relay.door import Door, Fleet
from localservices.relay.pages import create_pages
from sync.forwarding import Forwarder
from sync.handover import Handover
from sync.packing import Packer
from sync.pump import Pump
from sync.store.database import open_database
from sync.store.inbox import Inbox
from sync.store.relayed import Relayed
from sync.store.store import Store
from sync.store.writer import Writer
from sync.transport.port import Received
from sync.transport.relay import RelayLine, Trouble
from sync.wire import messages
from sync.wire.carried import Carried
from sync.wire.errors import MalformedError
from sync.wire.keys import CentralKeys, read_fleet
from sync.wire.messages import Message
from sync.wire.sign import sign

FORWARD_EVERY_S = 1
HAND_OVER_EVERY_S = 3
LAN_EVERY_S = 20
_MB = 1024**2

if TYPE_CHECKING:
    from edge.lan import Lan

Work = Callable[[Pump, int, int], None]


@dataclass(frozen=True, slots=True)
class Own:
    """What of the node is used here."""

    writer: Writer
    store: Store
    pump: Pump
    central: CentralKeys
    signing: Signing
    inbox: "SimpleQueue[Work | None]"


class Relays:
    """Both roles, each if the settings say so. Start once, stop once.

    Attributes:
        pages, duties: for the web server and the timetable.
    """

    def __init__(self, config: Config, own: Own) -> None:
        """Raises NodeError: the fleet list cannot be read."""
        self.pages: list[Blueprint] = []
        self.duties: list[Duty] = []
        self._settings, self._own = config.relay, own
        self._relayed: Relayed | None = None
        self._handover: Handover | None = None
        self._line: RelayLine | None = None
        self._lan: Lan | None = None
        if config.relay.announces or config.relay.finds:
            self._lan = _lan(config.node)
            self.duties.append(Duty("lan", self._lan.look, LAN_EVERY_S, LAN_EVERY_S))
        if config.relay.offers:
            reader = open_database(config.data / "outbox.db")
            quota = config.relay.quota_mb * _MB
            self._relayed = Relayed(own.writer, reader, quota, lambda: room.left(config) >= 0)
            self._offer(self._relayed)
        if config.relay.finds or config.relay.address:
            self._seek()

    def start(self, port: int) -> None:
        """``port`` is that of our pages."""
        if self._lan is not None:
            settings = self._settings
            self._lan.start(port=port if settings.announces else None, finds=settings.finds)

    def stop(self) -> None:
        if self._lan is not None:
            self._lan.stop()

    def close(self) -> None:
        """After the last page and duty has ended."""
        if self._relayed is not None:
            self._relayed.close()
        if self._line is not None:
            self._line.close()

    @property
    def carrier(self) -> str | None:
        """The relay that takes our records now, by its address."""
        return None if self._handover is None else self._handover.relay

    @property
    def troubles(self) -> list[str]:
        """Codes for the pages."""
        found = []
        handing = None if self._handover is None else self._handover.trouble
        if handing in (Trouble.FULL, Trouble.REFUSED):
            found.append(f"relay_{handing}")
        if self._relayed is not None and self._relayed.is_full:
            found.append("relaying_full")
        return found

    def _offer(self, relayed: Relayed) -> None:
        own = self._own
        fleet = None if self._settings.fleet is None else _fleet(self._settings.fleet)
        self.pages.append(create_pages(Door(relayed, clock.monotonic_ms, fleet)))
        forwarder = Forwarder(relayed, own.store, own.central)
        own.pump.listeners[Carried] = forwarder.take
        self.duties.append(Duty("forward", lambda: own.inbox.put(forwarder.step), FORWARD_EVERY_S))

    def _seek(self) -> None:
        own = self._own
        packer = Packer(own.store, own.pump.dictionaries)
        self._line = line = RelayLine(own.store.node_id, own.signing.chain)

        def turn(address: str, after: int, told: list[Message]) -> tuple[list[bytes], int]:
            signed = [sign(messages.encode(one), own.signing) for one in told]
            return line.exchange(address, after, signed)

        inbox = Inbox(own.store, own.writer)
        handover = Handover(own.store, inbox, packer, turn, self._hear, os.urandom)
        self._handover = handover

        def look() -> None:
            now_ms, wall_ms = clock.monotonic_ms(), clock.wall_ms()
            handover.look(self.addresses(), now_ms, wall_ms, link_up=own.pump.link.up)

        self.duties.append(Duty("hand-over", look, HAND_OVER_EVERY_S))

    def _hear(self, data: bytes) -> None:
        self._own.inbox.put(lambda pump, now, wall: pump.take(Received(data), now, wall))

    def addresses(self) -> Sequence[str]:
        """Other nodes on the local network."""
        named = self._settings.address
        return [*([named] if named else []), *(self._lan.found if self._lan else [])]


def _lan(node_id: str) -> "Lan":
    try:
        from edge.lan import Lan  # noqa: PLC0415  it costs memory, and most nodes need it not
    except ModuleNotFoundError as error:
        raise NodeError(
            "Nodes on the local network find each other with zeroconf, which is not installed:"
            " pip install 'nezlam[lan]', or name the relay in relay.address."
        ) from error
    return Lan(node_id)


def _fleet(path: Path) -> Fleet:
    try:
        return read_fleet(path.read_text("utf-8")).get
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise NodeError(f"{path} is not a fleet list: copy central's fleet.json anew.") from error
