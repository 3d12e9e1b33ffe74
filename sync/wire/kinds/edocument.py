"""eDocuments that a node issued, and those that hold no more."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane


@dataclass(frozen=True, slots=True)
class EDocumentIssued:
    """A document was handed out; its number is this record's public id."""

    kind: ClassVar[str] = "edocument.issued"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id of the household
    person: int  # the member, counted from 0 as in the household's fields
    until_s: int  # Unix time from which on it is over
    issued_by: str  # the member of staff
    seen: str | None = None  # the document that they were shown; None: all was only said


@dataclass(frozen=True, slots=True)
class EDocumentRevoked:
    """A document shall be believed no more, wherever it is shown."""

    kind: ClassVar[str] = "edocument.revoked"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 30 * 24

    number: str  # public id of the record by which it was issued
    reason: str
    revoked_by: str
