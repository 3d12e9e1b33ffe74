"""Households: people who share a shelter and a ration, as a relief centre registers them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sync.wire.lanes import Lane

MEMBERS_MAX = 50
STAMP_BYTES = 16  # of an edit: see sync.merge.clock
TEXT_CHARS_MAX = 1000  # of a field, the longest of which is the note
REMOVED = "removed"  # the field whose text, "yes", makes an edit a tombstone


@dataclass(frozen=True, slots=True)
class Member:
    """One person. The first member of a household is its head."""

    surname: str
    given_name: str
    patronymic: str | None = None
    sex: str | None = None  # "f" or "m"; None: not said
    born_on: date | None = None
    relation: str | None = None  # to the head, a code of the registration form; None for the head
    tax_number: str | None = None  # RNOKPP, 10 digits
    document: str | None = None  # series and number as printed


@dataclass(frozen=True, slots=True)
class HouseholdRegistered:
    """A household came to the centre and was registered, with its consent."""

    kind: ClassVar[str] = "household.registered"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 72

    members: tuple[Member, ...]
    origin: str  # the place they left
    shelter: str  # where they stay now
    consent: bool  # to processing, asked and given; a registration without it is refused
    registered_by: str  # the member of staff
    displaced_on: date | None = None
    phone: str | None = None
    needs: tuple[str, ...] = ()  # specific needs, codes of the registration form
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HouseholdEdited:
    """One field of a household was given another text; also a removal, and what undoes it.

    Fields and texts are those of ``household_fields``. On its way up the record's own place says
    where it was written; on its way down, to other nodes, ``written_at`` does.
    """

    kind: ClassVar[str] = "household.edited"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 72

    about: str  # public id of the registration
    field: str
    old: str  # as the editor saw it
    new: str
    stamp: bytes  # of the hybrid logical clock, and this edit's name
    edited_by: str  # the member of staff
    seen: tuple[bytes, ...] = ()  # stamps of the edits of this field that it replaces
    reason: str | None = None
    written_at: str | None = None  # the node


@dataclass(frozen=True, slots=True)
class HouseholdShared:
    """A household of another node, whole, on its way down to a node that shall hold it too."""

    kind: ClassVar[str] = "household.shared"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id of the registration
    registered: HouseholdRegistered
    registered_at_ms: int  # Unix, by the clock of its node
    edits: tuple[HouseholdEdited, ...] = ()
