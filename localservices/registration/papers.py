"""eDocuments for registered people: issued as a QR code, and revoked when one is lost."""

from dataclasses import dataclass
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import segno
from babel.dates import format_date
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from localservices import once, times
from localservices.messages import LANGUAGES, Messages
from localservices.office import Office
from localservices.refusal import FormRefusal
from localservices.registration import certificate, forms, service
from localservices.registration.certificate import Certificate
from localservices.security import current_desk, current_office
from localservices.text import clean
from sync.wire import edocument, revocations
from sync.wire.edocument import Mandate, Person, Term
from sync.wire.errors import MalformedError
from sync.wire.kinds.edocument import EDocumentIssued, EDocumentRevoked
from sync.wire.kinds.household import Member

VALID_S = 90 * 24 * 3600
STATUS = "IDP"  # what the registration says of the person
_NUMBER_CHARS_MAX = 120
_REASON_CHARS_MAX = 500
_SEEN_CHARS_MAX = 80


@dataclass(frozen=True, slots=True)
class Paper:
    """What is shown and printed."""

    member: Member
    number: str
    issued_ms: int
    until_ms: int
    text: str
    picture: str  # SVG
    seen: str  # the document that was shown; empty: all was only said


def add_pages(pages: Blueprint) -> None:
    """Add them to those of registration."""
    where = "/households/<public_id>/edocument"
    pages.add_url_rule(where, "issue", _issue, methods=["POST"])
    pages.add_url_rule(f"{where}.pdf", "issue_pdf", _issue_pdf, methods=["POST"])
    pages.add_url_rule("/edocuments/revoke", "revocation", _revocation)
    pages.add_url_rule("/edocuments/revoke", "revoke", _revoke, methods=["POST"])


def _issue(public_id: str) -> ResponseReturnValue:
    paper = _issued(public_id)
    return render_template(
        "registration/edocument.html",
        paper=paper,
        public_id=public_id,
        sent=request.form.to_dict(),
        printable=certificate.can_be_made(),
    )


def _issue_pdf(public_id: str) -> ResponseReturnValue:
    """The same once more, as a file; the form's id says that it is the same."""
    if not certificate.can_be_made():
        abort(404)
    paper = _issued(public_id)
    words = cast(Messages, current_app.extensions["messages"])
    made = certificate.pdf(on_paper(paper, words, current_office()))
    response = Response(made, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{paper.number}.pdf")
    return response


def _issued(public_id: str) -> Paper:
    """Written down before it is shown: one that nobody wrote down could not be revoked."""
    mandate = current_office().mandate
    found = service.find(current_desk(), public_id)
    if mandate is None or found is None or found.known is None or found.known.removed:
        abort(404)
    people = found.known.household.members
    person = request.form.get("person", -1, type=int)
    if not 0 <= person < len(people):
        abort(404)
    return _paper(public_id, person, people[person], mandate)


def _paper(public_id: str, person: int, member: Member, mandate: Mandate) -> Paper:
    desk = current_desk()
    issued_s = desk.now_ms() // 1000
    seen = clean(request.form.get("seen", ""))[:_SEEN_CHARS_MAX]
    record = EDocumentIssued(public_id, person, issued_s + VALID_S, desk.staff_name, seen or None)
    form_id = once.read(request.form.get("form_id", "")) or desk.new_id()
    part = once.of_part(form_id + seen.encode(), person)
    receipt = desk.store.write(record, once=part)
    number = receipt.public_id
    issued_s = receipt.saved_ms // 1000
    term = Term(issued_s, issued_s + VALID_S, revocations.list_of(number))
    text = edocument.issue(_person(member, number, seen), term, mandate)
    picture = segno.make(text, error="m", boost_error=False).svg_inline(border=4, omitsize=True)
    begin_ms, end_ms = issued_s * 1000, (issued_s + VALID_S) * 1000
    return Paper(member, number, begin_ms, end_ms, text, picture, seen)


def full_name(member: Member) -> str:
    return " ".join(filter(None, (member.surname, member.given_name, member.patronymic)))


def on_paper(paper: Paper, words: Messages, office: Office) -> Certificate:
    """What the PDF says, in every language at once: who reads it may speak another."""

    def said(key: str, **facts: object) -> tuple[str, ...]:
        return tuple(words.sentence(one, f"registration.{key}", **facts) for one in LANGUAGES)

    def day(at: date) -> str:
        return " / ".join(format_date(at, "long", locale=one) for one in LANGUAGES)

    def day_of(at_ms: int) -> str:
        return day(times.moment(at_ms, ZoneInfo(office.time_zone)).date())

    born = paper.member.born_on
    rows = [
        (said("full_name"), full_name(paper.member)),
        (said("born_on"), day(born) if born else ""),
        (said("edocument_seen"), paper.seen or " / ".join(said("edocument_only_said"))),
        (said("edocument_number"), paper.number),
        (said("issued_at"), day_of(paper.issued_ms)),
        (said("until"), day_of(paper.until_ms)),
    ]
    rows = [(labels, text) for labels, text in rows if text]
    made_by = f"Nezlam · {office.node_name}"
    titles = said("edocument")
    return Certificate(titles, rows, paper.text, [said("edocument_how")], made_by)


def _person(member: Member, number: str, seen: str) -> Person:
    return Person(
        number=number,
        name=full_name(member),
        born_on=member.born_on.isoformat() if member.born_on else "",
        sex=member.sex or "",
        legal_status=STATUS,
        seen=seen,
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
