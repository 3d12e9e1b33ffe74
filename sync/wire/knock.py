"""A knock: a node shows at central's door that it is there now, by signing what it was just given.

No message of another kind can be taken for one, nor it for a message.
"""

from dataclasses import dataclass

from sync.wire import cbor, fields
from sync.wire.errors import MalformedError
from sync.wire.topics import check_node_id

CHALLENGE_BYTES = 24
KNOCK_BYTES_MAX = 512  # signed; the longest node id leaves room

_HEAD = (1, "knock")


@dataclass(frozen=True, slots=True)
class Knock:
    """``node_id`` was given ``challenge`` at the door."""

    node_id: str
    challenge: bytes


def encode(knock: Knock) -> bytes:
    """Give the payload to sign."""
    return cbor.encode([*_HEAD, knock.node_id, knock.challenge])


def decode(payload: bytes) -> Knock:
    """Read a payload, whose signature may not be judged yet.

    Raises:
        OversizedError: before any parsing.
        MalformedError: anything but what ``encode`` gives.
    """
    try:
        version, word, node_id, challenge = cbor.decode(payload, KNOCK_BYTES_MAX)
        knock = Knock(check_node_id(node_id), fields.to_bytes(challenge, CHALLENGE_BYTES))
    except (TypeError, ValueError) as error:
        raise MalformedError("not a knock") from error
    if type(version) is not int or (version, word) != _HEAD:
        raise MalformedError("not a knock of this version")
    return knock
