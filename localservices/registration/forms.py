"""From what a browser sent to a household, and the form with one member more or less.

The person at ``index`` has fields called ``surname-<index>`` and so on; 0 is the head.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TypeVar

from localservices import once
from localservices.refusal import FormRefusal, Refusal
from localservices.registration import checks
from sync.wire.kinds.household import MEMBERS_MAX, HouseholdRegistered, Member
from sync.wire.kinds.household_fields import MEMBER_FIELDS, index_of

T = TypeVar("T")

SEXES = ("f", "m")
RELATIONS = (
    "spouse",
    "child",
    "parent",
    "sibling",
    "grandchild",
    "grandparent",
    "other_relative",
    "not_related",
)
NEEDS = (
    "chronic_illness",
    "disability",
    "pregnant_or_nursing",
    "older_person_alone",
    "single_parent",
    "large_family",
    "child_alone",
    "foster_child",
    "at_risk",
    "no_documents",
    "severe_hardship",
)


def read_form_id(fields: Mapping[str, str]) -> bytes:
    """The id that the form was given when it was shown. Raises FormRefusal when it has none."""
    given = once.read(fields.get("form_id", ""))
    if given is None:
        raise FormRefusal({"form_id": Refusal("registration.form_id_missing")})
    return given


def read_household(
    fields: Mapping[str, str], registered_by: str, today: date
) -> HouseholdRegistered:
    """Raises FormRefusal with every field that a person must correct."""
    reader = _Reader(fields)
    members = tuple(_read_member(reader, index, today) for index in people(fields)[:MEMBERS_MAX])
    if len(people(fields)) > MEMBERS_MAX:
        reader.problems["members"] = Refusal("registration.members_too_many", most=MEMBERS_MAX)
    place = partial(checks.needed_text, most=checks.PLACE_CHARS_MAX)
    household = HouseholdRegistered(
        members=members,
        origin=reader.read("origin", place, ""),
        displaced_on=reader.read("displaced_on", partial(checks.past_day, today=today), None),
        shelter=reader.read("shelter", place, ""),
        phone=reader.read("phone", checks.phone, None),
        needs=tuple(need for need in NEEDS if fields.get(f"need-{need}") == "yes"),
        note=reader.read("note", checks.note, None),
        consent=reader.read("consent", _consent, False),
        registered_by=registered_by,
    )
    if reader.problems:
        raise FormRefusal(reader.problems)
    return household


def seats(fields: Mapping[str, str]) -> list[int]:
    """The people that the form has room for, the head included."""
    return sorted({0} | {index for name in fields if (index := index_of(name)) is not None})


def people(fields: Mapping[str, str]) -> list[int]:
    """Those of whom something is said, and the head."""
    return [index for index in seats(fields) if index == 0 or not _is_blank(fields, index)]


def with_another(fields: Mapping[str, str], index: int | None = None) -> dict[str, str]:
    """The form with room for one more, as far as a household goes; None: after the last."""
    taken = seats(fields)
    if len(taken) >= MEMBERS_MAX or index in taken:
        return dict(fields)
    free = taken[-1] + 1 if index is None else index
    return dict(fields) | {f"{name}-{free}": "" for name in MEMBER_FIELDS}


def without_person(fields: Mapping[str, str], index: int) -> dict[str, str]:
    """The form without one member; the others keep their places. The head stays."""
    return {name: text for name, text in fields.items() if not index or index_of(name) != index}


def without(fields: Mapping[str, str], index: int) -> dict[str, str]:
    """The form without one member; those after it move up. The head stays."""
    if index == 0:
        return dict(fields)
    left = {}
    for name, value in fields.items():
        found = index_of(name)
        place = -1 if found is None else found
        if place > index:
            left[f"{name.rpartition('-')[0]}-{place - 1}"] = value
        elif place != index:
            left[name] = value
    return left


class _Reader:
    """Reads field by field and gathers what must be corrected."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.problems: dict[str, Refusal] = {}
        self._fields = fields

    def read(self, name: str, check: Callable[[str], T], otherwise: T) -> T:
        try:
            return check(self._fields.get(name, ""))
        except Refusal as refusal:
            self.problems[name] = refusal
            return otherwise


def _read_member(reader: _Reader, index: int, today: date) -> Member:
    name = partial(checks.needed_text, most=checks.NAME_CHARS_MAX)
    optional_name = partial(checks.optional_text, most=checks.NAME_CHARS_MAX)
    document = partial(checks.optional_text, most=checks.DOCUMENT_CHARS_MAX)
    relation = partial(checks.choice, codes=RELATIONS)
    return Member(
        surname=reader.read(f"surname-{index}", name, ""),
        given_name=reader.read(f"given_name-{index}", name, ""),
        patronymic=reader.read(f"patronymic-{index}", optional_name, None),
        sex=reader.read(f"sex-{index}", partial(checks.choice, codes=SEXES), None),
        born_on=reader.read(f"born_on-{index}", partial(checks.past_day, today=today), None),
        relation=reader.read(f"relation-{index}", relation, None) if index else None,
        tax_number=reader.read(f"tax_number-{index}", checks.tax_number, None),
        document=reader.read(f"document-{index}", document, None),
    )


def _is_blank(fields: Mapping[str, str], index: int) -> bool:
    return not any(fields.get(f"{name}-{index}", "").strip() for name in MEMBER_FIELDS)


def _consent(text: str) -> bool:
    if text != "yes":
        raise Refusal("registration.consent_missing")
    return True
