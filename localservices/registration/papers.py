"""eDocuments for registered people: issued as a QR code, and revoked when one is lost."""

from dataclasses import dataclass

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices import once
from localservices.refusal import FormRefusal
from localservices.registration import forms, service
from localservices.security import current_desk, current_office
from sync.wire import edocument, revocations
from sync.wire.edocument import Mandate, Person, Term
from sync.wire.errors import MalformedError
from sync.wire.kinds.edocument import EDocumentIssued, EDocumentRevoked
from sync.wire.kinds.household import Member

VALID_S = 90 * 24 * 3600
STATUS = "IDP"  # what the registration says of the person
_NUMBER_CHARS_MAX = 120
_REASON_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class Paper:
    """What is shown and printed."""

    member: Member
    number: str
    issued_ms: int
    until_ms: int
    text: str
    picture: str  # SVG


def add_pages(pages: Blueprint) -> None:
    """Add them to those of registration."""
    where = "/households/<public_id>/edocument"
    pages.add_url_rule(where, "issue", _issue, methods=["POST"])
    pages.add_url_rule("/edocuments/revoke", "revocation", _revocation)
    pages.add_url_rule("/edocuments/revoke", "revoke", _revoke, methods=["POST"])


def _issue(public_id: str) -> ResponseReturnValue:
    """Written down before it is shown: one that nobody wrote down could not be revoked."""
    mandate = current_office().mandate
    found = service.find(current_desk(), public_id)
    if mandate is None or found is None or found.known is None or found.known.removed:
        abort(404)
    people = found.known.household.members
    person = request.form.get("person", -1, type=int)
    if not 0 <= person < len(people):
        abort(404)
    paper = _paper(public_id, person, people[person], mandate)
    return render_template("registration/edocument.html", paper=paper, public_id=public_id)


def _paper(public_id: str, person: int, member: Member, mandate: Mandate) -> Paper:
    desk = current_desk()
    issued_s = desk.now_ms() // 1000
    record = EDocumentIssued(public_id, person, issued_s + VALID_S, desk.staff_name)
    form_id = once.read(request.form.get("form_id", "")) or desk.new_id()
    receipt = desk.store.write(record, once=once.of_part(form_id, person))
    number = receipt.public_id
    issued_s = receipt.saved_ms // 1000
    term = Term(issued_s, issued_s + VALID_S, revocations.list_of(number))
    text = edocument.issue(_person(member, number), term, mandate)
    picture = segno.make(text, error="m", boost_error=False).svg_inline(border=4, omitsize=True)
    return Paper(member, number, issued_s * 1000, (issued_s + VALID_S) * 1000, text, picture)


def _person(member: Member, number: str) -> Person:
    names = (member.surname, member.given_name, member.patronymic)
    return Person(
        number=number,
        name=" ".join(name for name in names if name),
        born_on=member.born_on.isoformat() if member.born_on else "",
        sex=member.sex or "",
        legal_status=STATUS,
    )


def _revocation() -> ResponseReturnValue:
    return _form({})


def _revoke() -> ResponseReturnValue:
    fields = request.form.to_dict()
    number = fields.get("number", "").strip()[:_NUMBER_CHARS_MAX]
    reason = fields.get("reason", "").strip()[:_REASON_CHARS_MAX]
    try:
        revocations.list_of(number)
        form_id = forms.read_form_id(fields)
    except (MalformedError, FormRefusal):
        return _form(fields, problem="number_wrong"), 422
    if not reason:
        return _form(fields, problem="reason_missing"), 422
    desk = current_desk()
    desk.store.write(EDocumentRevoked(number, reason, desk.staff_name), once=form_id)
    return redirect(url_for("registration.revocation", done=number), 303)


def _form(fields: dict[str, str], problem: str | None = None) -> str:
    return render_template(
        "registration/revocation.html",
        fields=fields,
        problem=problem,
        done=request.args.get("done"),
        form_id=current_desk().new_id().hex(),
        most=_NUMBER_CHARS_MAX,
    )
