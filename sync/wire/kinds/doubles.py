"""Whether two registrations are one household: what staff and central say of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sync.wire.lanes import Lane


class Answer(StrEnum):
    """What was said."""

    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"  # staff cannot tell: central shall


@dataclass(frozen=True, slots=True)
class HouseholdCompared:
    """Somebody compared a household with another; on its way down it is central's answer."""

    kind: ClassVar[str] = "household.compared"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id of the registration
    answer: str  # an Answer
    compared_by: str  # the member of staff
    other: str | None = None  # public id; None: it came again, and was not registered twice
    score: int = 0  # see sync.merge.likeness
    why: tuple[str, ...] = ()  # likewise
