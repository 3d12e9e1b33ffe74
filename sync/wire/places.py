"""Where a record stands: the stream of one lane in one epoch, and a sequence in it."""

from dataclasses import dataclass

from sync.wire.lanes import Lane

EPOCH_BYTES = 8
HASH_BYTES = 32
NO_HASH = bytes(HASH_BYTES)  # what comes before the first record of a chain


@dataclass(frozen=True, slots=True, order=True)
class Stream:
    """One lane of one epoch. ``epoch`` is random, drawn at each start of the node."""

    epoch: bytes
    lane: Lane

    def place(self, seq: int) -> bytes:
        """12 bytes that name ``seq`` within the epoch: the nonce under the epoch's key."""
        return self.lane.to_bytes(4, "big") + seq.to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything in a stream up to ``seq``; ``head`` is the hash of the record at ``seq``."""

    seq: int
    head: bytes


BEGINNING = Mark(0, NO_HASH)


def public_id(node_id: str, stream: Stream, seq: int) -> str:
    """The id that people read and quote: derived, so it costs no bytes on the wire."""
    return f"{node_id}-{stream.epoch.hex()[:6]}-{stream.lane.value}-{seq}"
