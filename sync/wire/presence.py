"""Birth and last will: which epoch of a node is up or down. A hint, never evidence.

Unsigned and unordered: a broker publishes the will when it likes, also after the next birth. The
epoch tells such a late will from a real one.
"""

from dataclasses import dataclass

from sync.wire import cbor
from sync.wire.errors import MalformedError
from sync.wire.places import EPOCH_BYTES

PRESENCE_BYTES_MAX = 32  # a birth is 13


@dataclass(frozen=True, slots=True)
class Presence:
    """A node's start ``epoch`` has come up, or has gone."""

    epoch: bytes
    up: bool


def encode(presence: Presence) -> bytes:
    return cbor.encode([1, presence.epoch, presence.up])


def decode(data: bytes) -> Presence:
    """Read a birth or a will.

    Raises:
        OversizedError: before any parsing.
        MalformedError: anything but what ``encode`` gives.
    """
    match cbor.decode(data, PRESENCE_BYTES_MAX):
        case [_, bytes(epoch), bool(up)] if len(epoch) == EPOCH_BYTES:
            presence = Presence(epoch, up)
        case _:
            raise MalformedError("neither a birth nor a will")
    # Compared as bytes, for in Python True and 1.0 equal the version's 1 as well.
    if encode(presence) != data:
        raise MalformedError("a birth or will of another version")
    return presence
