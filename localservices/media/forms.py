"""From what a browser sent beside a file to what is said of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from localservices import once
from localservices.places import is_public_id
from localservices.refusal import FormRefusal, Refusal
from localservices.text import clean

NOTE_CHARS_MAX = 500
NAME_CHARS_MAX = 120


@dataclass(frozen=True, slots=True)
class Said:
    """``about``: the public id of the record that the file belongs to."""

    form_id: bytes
    about: str | None
    note: str | None


def read(fields: Mapping[str, str]) -> Said:
    """Raises FormRefusal."""
    problems: dict[str, Refusal] = {}
    form_id = once.read(fields.get("form_id", ""))
    if form_id is None:
        problems["form_id"] = Refusal("media.form_id_missing")
    about = fields.get("about", "").strip()
    if about and read_about(about) is None:
        problems["about"] = Refusal("media.about_unknown")
    note = clean(fields.get("note", ""))
    if len(note) > NOTE_CHARS_MAX:
        problems["note"] = Refusal("media.note_long", most=NOTE_CHARS_MAX)
    if problems or form_id is None:
        raise FormRefusal(problems)
    return Said(form_id, about or None, note or None)


def read_about(typed: str) -> str | None:
    """The public id that was said; None: it is none."""
    return typed if is_public_id(typed) else None


def file_name(given: str | None) -> str | None:
    """The file's own name without folders and without what a page cannot show."""
    last = clean(re.split(r"[\\/]", given or "")[-1])
    return last[:NAME_CHARS_MAX] or None
