"""How far each stream has come, and which is the next to be served."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.wire.lanes import Lane
from sync.wire.messages import Form
from sync.wire.places import Stream


@dataclass(slots=True)
class Progress:
    """How far one stream has come; all are sequence numbers."""

    newest: int = 0
    sent: int = 0
    tried: int = 0  # sent before, since the process started
    held: int = 0
    backed_up: int = 0
    form: Form = Form.COLUMNS
    stopped: bool = False  # central holds another history here: sending cannot help


@dataclass(frozen=True, slots=True)
class Traffic:
    """How sending stands, for people: a snapshot that any thread may read.

    Attributes:
        sent: records that left at least once, by lane, over all epochs.
        differing: lanes in which central holds another history.
        goodput: acked bytes a second; None: not measured yet.
    """

    sent: Mapping[Lane, int] = field(default_factory=dict)
    differing: frozenset[Lane] = frozenset()
    goodput: float | None = None


def traffic(streams: Mapping[Stream, Progress], rate: float | None) -> Traffic:
    """``rate`` in bytes a millisecond."""
    sent: dict[Lane, int] = {}
    for stream, progress in streams.items():
        sent[stream.lane] = sent.get(stream.lane, 0) + progress.sent
    differing = frozenset(stream.lane for stream, one in streams.items() if one.stopped)
    return Traffic(sent, differing, None if rate is None else rate * 1000)


@dataclass(frozen=True, slots=True)
class Question:
    """A hello that is not yet answered, and how things stood when it left.

    Attributes:
        stood: what was held and sent of each stream.
        announced: epochs whose link had left before.
    """

    nonce: bytes
    at_ms: int
    stood: Mapping[Stream, tuple[int, int]]
    announced: frozenset[bytes]


def foremost(streams: Mapping[Stream, Progress]) -> tuple[Stream, Progress] | None:
    """The most urgent lane's first stream with something to send; ``streams`` oldest first."""
    for lane in Lane:
        for stream, progress in streams.items():
            if stream.lane is lane and progress.sent < progress.newest and not progress.stopped:
                return stream, progress
    return None
