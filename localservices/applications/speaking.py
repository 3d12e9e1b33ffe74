"""How answers and services are said to a person: in their language, days in their way."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app, g

from localservices import times
from localservices.applications.xforms.showing import Asked
from sync.wire.services import Words


def spoken(said: Words) -> str:
    """In the reader's language, or else in English, which every manifest has."""
    return said.get(g.language) or said["en"]


def as_typed(answer: str, type_name: str) -> str:
    """What the instance keeps, as a person would type it again."""
    if type_name not in ("date", "dateTime"):
        return answer
    day, _, clock = answer.partition("T")
    try:
        told = times.day_text(date.fromisoformat(day), "uk")
    except ValueError:
        return answer
    return f"{told} {clock[:5]}".strip()


def spoken_answer(asked: Asked) -> str:
    """Choices by their labels."""
    if asked.question.kind in ("select", "select1", "rank"):
        labels = {one.value: one.label for one in asked.options}
        return ", ".join(labels.get(one, one) for one in asked.answer.split())
    if asked.question.kind == "trigger":
        return "✓" if asked.answer else ""
    return as_typed(asked.answer, asked.type)


def document_title(code: str) -> str:
    """What people call a type of documents; the code itself where it has no name here."""
    words: Mapping[str, Any] = current_app.jinja_env.globals
    key = f"verification.type.{code}"
    return str(words["t"](key)) if words["has_sentence"](key) else code
