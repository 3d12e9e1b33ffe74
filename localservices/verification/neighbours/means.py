"""What the interface works with; the node and central each fill it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours.keys import ApiKeys
from sync.wire.kinds.document import DocumentChecked


@dataclass(frozen=True, slots=True)
class Means:
    """Everything in it may be called from any thread.

    Attributes:
        known: what is in force.
        when: the moment at which is judged.
        keep: writes these down, all or none; False: nothing could be written.
        monotonic_ms: measures, and never jumps.
    """

    keys: ApiKeys
    known: Callable[[], Knowledge]
    when: Callable[[], When]
    keep: Callable[[Sequence[DocumentChecked]], bool]
    monotonic_ms: Callable[[], int]
