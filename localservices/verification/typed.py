"""The pages on which a document without a code is typed and looked up in a registry."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from localservices import times
from localservices.security import current_desk, current_office
from localservices.verification import presented
from localservices.verification.allowance import Looks
from localservices.verification.query import NUMBER_CHARS_MAX, Query
from localservices.verification.service import Checked, Inspection
from sync.wire.registry.hashing import plain


class _IncompleteError(Exception):
    """Something was not typed, or cannot be right. ``code`` is a key of the messages."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def add_pages(pages: Blueprint, inspection: Inspection) -> None:
    """Add them to those of verification."""
    looks = Looks()

    def new() -> ResponseReturnValue:
        return _form(inspection, {})

    def look() -> ResponseReturnValue:
        fields = request.form.to_dict()
        desk = current_desk()
        try:
            asked = _query(inspection, fields)
        except _IncompleteError as missing:
            return _form(inspection, fields, missing.code, **missing.facts), 422
        if not looks.allows(desk.staff_name, current_office().monotonic_ms()):
            return _form(inspection, fields, "too_many"), 429
        verdict = inspection.look_up(desk, asked, presented.form_id())
        return render_template("verification/verdict.html", found=[Checked(verdict, kept=True)])

    pages.add_url_rule("/verify/number", "typed", new)
    pages.add_url_rule("/verify/number", "look", look, methods=["POST"])


def _query(inspection: Inspection, fields: Mapping[str, str]) -> Query:
    kind, number = fields.get("document_type", ""), fields.get("number", "").strip()
    known = inspection.types().get(kind)
    if known is None:
        raise _IncompleteError("type_missing")
    if not number:
        raise _IncompleteError("number_missing")
    if not known.number.fullmatch(plain(number)):
        raise _IncompleteError("number_form", example=known.example)
    return Query(kind, number, _day(fields.get("born_on", "")))


def _day(text: str) -> date:
    try:
        return times.typed_day(text)
    except ValueError as error:
        raise _IncompleteError("born_missing") from error


def _form(
    inspection: Inspection, fields: Mapping[str, str], problem: str | None = None, **facts: str
) -> str:
    return render_template(
        "verification/typed.html",
        form_id=current_desk().new_id().hex(),
        fields=fields,
        problem=problem,
        facts=facts,
        types=inspection.types(),
        most=NUMBER_CHARS_MAX,
    )
