"""Households: people who share a shelter and a ration, as a relief centre registers them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sync.wire.lanes import Lane

MEMBERS_MAX = 50


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
