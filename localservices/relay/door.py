"""What a node that hands its messages over may bring, and how often."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.store.relayed import Relayed
from sync.wire import bag, messages
from sync.wire.errors import SignatureError
from sync.wire.messages import Message
from sync.wire.sign import AnyOf, VerifyingKey, payload_of, verified
from sync.wire.succession import heirs

ANSWERS_BYTES_MAX = bag.BAG_BYTES_MAX // 2
TURNS_MAX = 240  # from one address a minute; a laptop that empties its outbox needs some 60
ADDRESSES_MAX = 1024  # remembered at once
_MINUTE_MS = 60_000

Fleet = Callable[[str], Ed25519PublicKey | None]


class Door:
    """Any thread may use it.

    ``fleet`` gives a node's key, so that strangers are turned away; None: nobody knows the keys
    here, and what a stranger brings only uses up room until central refuses it.
    """

    def __init__(
        self, relayed: Relayed, monotonic_ms: Callable[[], int], fleet: Fleet | None = None
    ) -> None:
        self._relayed, self._monotonic_ms, self._fleet = relayed, monotonic_ms, fleet
        self._minute = 0
        self._turns: dict[str, int] = {}

    def lets_in(self, address: str) -> bool:
        """Whether an address has not come too often within this minute."""
        minute = self._monotonic_ms() // _MINUTE_MS
        if minute != self._minute or len(self._turns) > ADDRESSES_MAX:
            self._minute, self._turns = minute, {}
        turns = self._turns.get(address, 0) + 1
        self._turns[address] = turns
        return turns <= TURNS_MAX

    def exchange(
        self, node_id: str, after: int, body: bytes, chain: Sequence[bytes] = ()
    ) -> tuple[bytes, int]:
        """Keep a bag of a node's messages; give the bag of central's words for it.

        ``after`` is the last of central's words that the node has; the number of the last one
        that is given comes back. When this returns, all that was brought is on the disk.
        ``chain`` leads from the key on our list to the one that the node signs with now.

        Raises:
            WireError: not a bag, not this node's, or not what a node hands over; nothing is kept.
            RelayFullError: there is no room for it; nothing is kept.
            StoreError: the disk refuses.
        """
        key = self._key(node_id, chain)
        told = [(data, _read(data, key)) for data in bag.unpack(body)]
        if told:
            self._relayed.take(node_id, told)
        found, last = self._relayed.answers(node_id, after, ANSWERS_BYTES_MAX)
        return bag.pack(found), last

    def _key(self, node_id: str, chain: Sequence[bytes]) -> VerifyingKey | None:
        if self._fleet is None:
            return None
        listed = self._fleet(node_id)
        if listed is None:
            raise SignatureError("not a node of the fleet")
        return AnyOf(heirs(node_id, listed, chain))


def _read(data: bytes, key: VerifyingKey | None) -> Message:
    return messages.decode(payload_of(data) if key is None else verified(data, key))
