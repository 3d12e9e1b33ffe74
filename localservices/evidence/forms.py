"""From what a browser sent to what is said of an item of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from localservices import once
from localservices.places import is_public_id
from localservices.refusal import FormRefusal, Refusal
from localservices.text import clean

TEXT_CHARS_MAX = 4_000
SHORT_CHARS_MAX = 200

Problems = dict[str, Refusal]


class Sort(StrEnum):
    """What is given."""

    EVIDENCE = "evidence"
    SIGHTING = "sighting"


class Origin(StrEnum):
    """How the files came into being."""

    HERE = "captured_here"  # with a device of the centre
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Said:
    """As a person said it. ``check``: public id of a document check; empty: staff vouch."""

    form_id: bytes
    sort: Sort
    origin: Origin
    description: str
    place: str
    place_source: str
    happened: str  # when, in the reporter's words: a claim
    device: str
    consent: str  # to what use the reporter agreed
    witness_name: str
    witness_contact: str
    check: str
    vouched: str  # why staff vouch for the person


def read(fields: Mapping[str, str]) -> Said:
    """Raises FormRefusal."""
    problems: Problems = {}
    form_id = once.read(fields.get("form_id", ""))
    if form_id is None:
        raise FormRefusal({"form_id": Refusal("evidence.form_id_missing")})
    sort, origin = fields.get("sort", ""), fields.get("origin", "")
    if sort not in list(Sort):
        problems["sort"] = Refusal("evidence.sort_missing")
    if origin not in list(Origin):
        problems["origin"] = Refusal("evidence.origin_missing")
    description = _text(fields, "description", problems, TEXT_CHARS_MAX)
    if not description and "description" not in problems:
        problems["description"] = Refusal("evidence.description_missing")
    names = ("place", "place_source", "happened", "device", "witness_name", "witness_contact")
    words = {name: _text(fields, name, problems) for name in names}
    if not words["witness_name"] and "witness_name" not in problems:
        problems["witness_name"] = Refusal("evidence.witness_missing")
    check, vouched = _grounds(fields, problems)
    if fields.get("consent") != "yes":
        problems["consent"] = Refusal("evidence.consent_missing")
    if problems:
        raise FormRefusal(problems)
    consent = "pass to investigators and courts"
    return Said(
        form_id,
        Sort(sort),
        Origin(origin),
        description,
        consent=consent,
        check=check,
        vouched=vouched,
        **words,
    )


def _grounds(fields: Mapping[str, str], problems: Problems) -> tuple[str, str]:
    check, vouched = fields.get("check", "").strip(), _text(fields, "vouched", problems)
    if check and not is_public_id(check):
        problems["check"] = Refusal("evidence.check_unknown")
    elif not check and not vouched and "vouched" not in problems:
        problems["check"] = Refusal("evidence.grounds_missing")
    return check, vouched


def _text(
    fields: Mapping[str, str], name: str, problems: Problems, most: int = SHORT_CHARS_MAX
) -> str:
    text = clean(fields.get(name, ""))
    if len(text) > most:
        problems[name] = Refusal("evidence.text_long", most=most)
    return text
