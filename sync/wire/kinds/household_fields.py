"""A household as named fields of text: what forms show, what edits name, what is merged.

A field of the whole household is called ``phone``; one of the person at ``index``, of whom 0 is
the head, ``surname-<index>``; a specific need ``need-<code>``, whose text is "yes" or nothing. An
empty text says nothing. Days are YYYY-MM-DD.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date

from sync.wire.kinds.household import (
    MEMBERS_MAX,
    REMOVED,
    TEXT_CHARS_MAX,
    HouseholdEdited,
    HouseholdRegistered,
    Member,
)

YES = "yes"
MEMBER_FIELDS = tuple(field.name for field in fields(Member))
_WHOLE = ("origin", "shelter", "displaced_on", "phone", "note")
_DAYS = ("displaced_on", "born_on")
_OF_MEMBER = re.compile(
    rf"(?P<name>{'|'.join(MEMBER_FIELDS)})-(?P<index>0|[1-9]\d{{0,2}})", re.ASCII
)
_NEED = re.compile(r"need-[a-z_]{1,40}", re.ASCII)


def to_fields(
    household: HouseholdRegistered, people: Sequence[int] | None = None
) -> dict[str, str]:
    """Every field that says something. ``people``: the index of each member; None: in order."""
    texts = {name: _text(getattr(household, name)) for name in _WHOLE}
    texts |= {f"need-{need}": YES for need in household.needs}
    places = range(len(household.members)) if people is None else people
    for index, member in zip(places, household.members, strict=True):
        texts |= {f"{name}-{index}": _text(getattr(member, name)) for name in MEMBER_FIELDS}
    return {name: text for name, text in texts.items() if text}


def from_fields(first: HouseholdRegistered, texts: Mapping[str, str]) -> HouseholdRegistered:
    """The household that these texts describe; who registered it, and consent, stay as ``first``.

    A person without any text is none. Texts are sound, as ``is_sound`` says.
    """
    people = sorted({index for name in texts if (index := index_of(name)) is not None})
    members = (_member(texts, index) for index in people)
    return replace(
        first,
        members=tuple(member for member in members if member != Member("", ""))[:MEMBERS_MAX],
        origin=texts.get("origin", ""),
        shelter=texts.get("shelter", ""),
        displaced_on=_day(texts.get("displaced_on", "")),
        phone=texts.get("phone") or None,
        needs=tuple(sorted(_need(name) for name, text in texts.items() if text and _is_need(name))),
        note=texts.get("note") or None,
    )


def index_of(name: str) -> int | None:
    """Of the person whose field this is; None: it is the whole household's, or none at all."""
    found = _OF_MEMBER.fullmatch(name)
    return int(found["index"]) if found else None


def is_sound(edit: HouseholdEdited) -> bool:
    """Whether there is such a field, and whether it can say that."""
    name = edit.field if (found := _OF_MEMBER.fullmatch(edit.field)) is None else found["name"]
    if len(edit.new) > TEXT_CHARS_MAX or not (
        found or name in (*_WHOLE, REMOVED) or _is_need(name)
    ):
        return False
    if name == REMOVED or _is_need(name):
        return edit.new in ("", YES)
    return name not in _DAYS or not edit.new or _day(edit.new) is not None


def _member(texts: Mapping[str, str], index: int) -> Member:
    said = {name: texts.get(f"{name}-{index}", "") for name in MEMBER_FIELDS}
    return Member(
        surname=said["surname"],
        given_name=said["given_name"],
        patronymic=said["patronymic"] or None,
        sex=said["sex"] or None,
        born_on=_day(said["born_on"]),
        relation=said["relation"] or None,
        tax_number=said["tax_number"] or None,
        document=said["document"] or None,
    )


def _is_need(name: str) -> bool:
    return _NEED.fullmatch(name) is not None


def _need(name: str) -> str:
    return name.removeprefix("need-")


def _text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
