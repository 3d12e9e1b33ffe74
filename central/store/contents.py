"""What a record says, or why nobody can tell: a pure reading of bytes that are kept anyway."""

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from sync.merge import household
from sync.wire import entries, records
from sync.wire.entries import Stamp
from sync.wire.errors import KindError, WireError
from sync.wire.kinds import evidence, hazard
from sync.wire.kinds.evidence import EvidenceGiven, SightingGiven, WitnessGiven
from sync.wire.kinds.hazard import HazardReported
from sync.wire.kinds.household import HouseholdEdited
from sync.wire.kinds.media import MediaChunk, MediaFile, is_sound
from sync.wire.records import KINDS, Record

_KIND_CHARS_MAX = 80
_WHOLE_MAX = 1 << 63  # what a database column holds


class Trouble(StrEnum):
    """Why a record is kept in quarantine. It is acked and blocks nothing."""

    POISON = "poison"  # its seal does not open, or its hash is not that of its chain
    MALFORMED = "malformed"  # not an entry, or not a record of the kind that it names
    UNKNOWN_KIND = "unknown_kind"  # written by a newer node: readable after an update
    UNSTORABLE = "unstorable"  # holds a value that no table takes


@dataclass(frozen=True, slots=True)
class Contents:
    """``record`` and ``trouble``: exactly one of them is there."""

    kind: str | None = None
    stamp: Stamp | None = None
    record: Record | None = None
    trouble: Trouble | None = None


def read(entry: bytes | None) -> Contents:
    """Never raises: whatever the bytes are, the answer says it."""
    if entry is None:
        return Contents(trouble=Trouble.POISON)
    try:
        found = entries.decode(entry)
    except WireError:
        return Contents(trouble=Trouble.MALFORMED)
    kind = found.kind.replace("\0", "\ufffd")[:_KIND_CHARS_MAX]
    if not _is_time(found.stamp):
        return Contents(kind, trouble=Trouble.UNSTORABLE)
    if found.kind not in KINDS:
        return Contents(kind, found.stamp, trouble=Trouble.UNKNOWN_KIND)
    try:
        record = records.from_body(found.kind, found.body)
    except KindError:
        return Contents(kind, found.stamp, trouble=Trouble.MALFORMED)
    if not _is_sound(record):
        return Contents(kind, found.stamp, trouble=Trouble.MALFORMED)
    if not _fits(record):
        return Contents(kind, found.stamp, trouble=Trouble.UNSTORABLE)
    return Contents(kind, found.stamp, record)


def _is_sound(record: Record) -> bool:
    match record:
        case MediaFile() | MediaChunk():
            return is_sound(record)
        case HouseholdEdited():
            return household.is_sound(record)
        case HazardReported():
            return hazard.is_sound(record)
        case EvidenceGiven() | SightingGiven() | WitnessGiven():
            return evidence.is_sound(record)
        case _:
            return True


def _is_time(stamp: Stamp) -> bool:
    """Whether columns take it. To Python True is a number; to PostgreSQL it is none."""
    values = (stamp.reading_ms, stamp.not_before_ms, stamp.not_after_ms)
    return all(value is None or (type(value) is int and _fits(value)) for value in values)


def _fits(value: Any) -> bool:
    """Whether columns take it: PostgreSQL has no NUL in text, and both have 64-bit numbers."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, int):
        return -_WHOLE_MAX <= value < _WHOLE_MAX
    if isinstance(value, tuple):
        return all(_fits(item) for item in value)
    if is_dataclass(value):
        return all(_fits(getattr(value, field.name)) for field in fields(value))
    return True
