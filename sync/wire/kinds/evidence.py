"""Evidence and sightings: what they say is sealed to central alone, also within the record.

Custody after the Berkeley Protocol on Digital Open Source Investigations (OHCHR, 2022). Nothing
here is readable with a node's keys: only which item it is, and which files belong to it.
"""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.kinds.media import SHA256_BYTES
from sync.wire.lanes import Lane

ITEM_BYTES = 16
FILES_MAX = 8
SEALED_FILE = "application/x-nezlam-sealed"  # the media type of a file that only central opens


@dataclass(frozen=True, slots=True)
class EvidenceGiven:
    """Somebody gave evidence of a war crime."""

    kind: ClassVar[str] = "evidence.given"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    item: bytes  # drawn at capture; names it for ever
    sealed: bytes  # a Testimony
    files: tuple[bytes, ...] = ()  # SHA-256 of each file as it is sealed


@dataclass(frozen=True, slots=True)
class SightingGiven:
    """Somebody told of movements of forces."""

    kind: ClassVar[str] = "sighting.given"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    item: bytes
    sealed: bytes
    files: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class WitnessGiven:
    """Who gave an item: apart from it, so that one is shown without the other."""

    kind: ClassVar[str] = "witness.given"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    item: bytes
    sealed: bytes


def is_sound(record: EvidenceGiven | SightingGiven | WitnessGiven) -> bool:
    """Whether it can be of any item at all; else it belongs in quarantine."""
    files = () if isinstance(record, WitnessGiven) else record.files
    return (
        len(record.item) == ITEM_BYTES
        and len(files) <= FILES_MAX
        and all(len(one) == SHA256_BYTES for one in files)
    )
