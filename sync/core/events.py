"""What can happen to a sender. Plain facts; nobody acts on them here."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.wire.messages import Ack
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A road is open. Nothing is known of what was on the one before."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """No road is open."""


@dataclass(frozen=True, slots=True)
class Committed:
    """Streams and the last sequence on disk in each; streams not named are as they were."""

    newest: Mapping[Stream, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """A ``SendBatch`` was carried out: the stream went up to ``last`` in ``size`` bytes.

    ``last`` 0: there was nothing to send after all.
    """

    stream: Stream
    last: int
    size: int


@dataclass(frozen=True, slots=True)
class Acked:
    """Central's ack, its signature verified. ``own`` is this node's hash at each mark.

    None in ``own``: the record is no longer here, or never was.
    """

    ack: Ack
    own: Mapping[Stream, bytes | None]


@dataclass(frozen=True, slots=True)
class TimerDue:
    """The deadline that the sender gave has passed."""


@dataclass(frozen=True, slots=True)
class HealthReady:
    """A fresh reading of the node's health waits to be told."""


Event = LinkUp | LinkDown | Committed | Sent | Acked | TimerDue | HealthReady
