"""Signed messages in one piece: what a POST, a relay and a courier's file carry."""

from collections.abc import Iterable

from sync.wire import cbor
from sync.wire.errors import MalformedError
from sync.wire.limits import MESSAGE_BYTES_MAX

BAG_BYTES_MAX = 4 * MESSAGE_BYTES_MAX
MESSAGES_MAX = 1024


def pack(messages: Iterable[bytes]) -> bytes:
    return cbor.encode(list(messages))


def unpack(data: bytes) -> list[bytes]:
    """Give the messages, none of them judged yet.

    Raises:
        OversizedError: before any parsing.
        MalformedError: not a bag, or more in it than may be.
    """
    messages = cbor.decode(data, BAG_BYTES_MAX)
    if not isinstance(messages, list) or len(messages) > MESSAGES_MAX:
        raise MalformedError("not a bag of messages")
    for message in messages:
        if type(message) is not bytes or len(message) > MESSAGE_BYTES_MAX:
            raise MalformedError("not a bag of messages")
    return messages
