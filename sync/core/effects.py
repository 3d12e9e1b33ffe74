"""What a sender asks of the world. The pump carries these out, in order."""

from dataclasses import dataclass
from enum import StrEnum

from sync.wire.messages import Form, Refused
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class SendHello:
    """Say what this node holds, under ``nonce``."""

    nonce: bytes


@dataclass(frozen=True, slots=True)
class SendEpoch:
    """Send the link of an epoch, with its sealed key."""

    epoch: bytes


@dataclass(frozen=True, slots=True)
class SendBatch:
    """Send records after ``after``, as many as fit, and answer with ``Sent`` at once.

    ``bytes_max`` counts what goes on the wire; one record goes even if it is larger.
    """

    stream: Stream
    after: int
    form: Form
    bytes_max: int


@dataclass(frozen=True, slots=True)
class SendHealth:
    """Send the latest health; it is neither kept nor acked."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Keep how far central holds a stream."""

    stream: Stream
    held: int
    backed_up: int


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Close the road and dial again: it looks open and nothing comes back."""


class Trouble(StrEnum):
    """What people at the node must know."""

    HISTORY_DIFFERS = "history_differs"  # central holds other records under our names
    REFUSED = "refused"  # central does not take what we send
    DICTIONARY = "dictionary"  # central lacks the one that a batch was packed with
    CENTRAL_LOST = "central_lost"  # central holds less than it said; it is being sent again


def trouble_of(why: Refused) -> Trouble:
    """What a refusal means here."""
    if why is Refused.DICTIONARY:
        return Trouble.DICTIONARY
    return Trouble.HISTORY_DIFFERS if why is Refused.CONFLICT else Trouble.REFUSED


@dataclass(frozen=True, slots=True)
class Report:
    trouble: Trouble
    stream: Stream


Effect = SendHello | SendEpoch | SendBatch | SendHealth | Confirm | Reconnect | Report
