"""Relays in the simulator: each machine carries for the others what they hand over to it."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.forwarding import Forwarder
from sync.handover import Handover
from sync.packing import Dictionaries, Packer
from sync.sim.crashes import Killed
from sync.store.relayed import Relayed, RelayFullError
from sync.transport.port import Received
from sync.transport.relay import RelayError, Trouble
from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.messages import Message
from sync.wire.sign import payload_of, sign

if TYPE_CHECKING:
    from sqlite_utils import Database

    from sync.pump import Pump
    from sync.store.inbox import Inbox
    from sync.store.store import Store
    from sync.store.writer import Writer
    from sync.transport.port import RoadEvent

STEP_MS = 30_000
NEVER_MS = 1 << 62
ROOM_BYTES = 200_000
ANSWERS_BYTES = 1_000_000

Ask = Callable[[str, int, list[bytes]], tuple[list[bytes], int]]


class Host(Protocol):
    """The machine, as far as a relay's ends need it."""

    node_id: str
    disk: "Database"
    store: "Store"
    pump: "Pump"
    inbox: "Inbox"

    def take(self, event: "RoadEvent", now_ms: int) -> None: ...

    def wall(self, now_ms: int) -> int: ...


class Carriage:
    """Both ends of a relay in one process of a machine; what it carries lies on its disk."""

    def __init__(self, node: Host, writer: "Writer", key: Ed25519PrivateKey, chance: Random):
        self.due_ms = 0  # at its start it looks what lies there
        self._node, self._key = node, key
        self._relayed = Relayed(writer, node.disk, ROOM_BYTES)
        self._forwarder = Forwarder(self._relayed, node.store, node.pump.central)
        node.pump.listeners[Carried] = self._forwarder.take
        packer = Packer(node.store, Dictionaries())
        self._ask: Ask | None = None
        self._handover = Handover(
            node.store, node.inbox, packer, self._turn, self._hear, chance.randbytes
        )
        self._now_ms = 0

    def step(self, now_ms: int) -> None:
        """Send on what lies here."""
        if now_ms < self.due_ms:
            return
        self._forwarder.step(self._node.pump, now_ms, 0)
        self.due_ms = now_ms + STEP_MS if self._relayed.numbers() else NEVER_MS

    def receive(self, node_id: str, after: int, told: list[bytes]) -> tuple[list[bytes], int]:
        """Another machine hands over. Raises RelayError."""
        try:
            read = [(data, messages.decode(payload_of(data))) for data in told]
            self._relayed.take(node_id, read)
        except RelayFullError as error:
            raise RelayError(Trouble.FULL) from error
        self.due_ms = 0
        return self._relayed.answers(node_id, after, ANSWERS_BYTES)

    def hand_over(self, address: str, ask: Ask, now_ms: int) -> None:
        """Hand over to the relay that ``ask`` reaches, as far as it goes."""
        self._ask, self._now_ms = ask, now_ms
        try:
            self._handover.visit(address, now_ms, self._node.wall(now_ms))
        except RelayError:
            return  # another time

    def _turn(self, address: str, after: int, told: list[Message]) -> tuple[list[bytes], int]:
        assert self._ask is not None
        return self._ask(address, after, [sign(messages.encode(one), self._key) for one in told])

    def _hear(self, data: bytes) -> None:
        self._node.take(Received(data), self._now_ms)


def between(
    sender: str,
    relay: Callable[[], Carriage],
    chance: Random,
    fault: float,
    revive: Callable[[], None],
) -> Ask:
    """The local network: an answer may be lost, and a relay may die before it gives one."""

    def ask(_address: str, after: int, told: list[bytes]) -> tuple[list[bytes], int]:
        try:
            answers = relay().receive(sender, after, told)
        except Killed as error:
            revive()
            raise RelayError(Trouble.GONE) from error
        if chance.random() < fault:
            raise RelayError(Trouble.GONE)
        return answers

    return ask


def home(relay_id: str, node_id: str, word: bytes, central: Ed25519PrivateKey) -> bytes:
    """Central's word for a node, on its way by a relay."""
    return sign(messages.encode(Carried(relay_id, (Parcel(node_id, word),))), central)
