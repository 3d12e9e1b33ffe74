"""The pages of services and applications: choose one, see what became of it, take its receipt."""

import segno
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from localservices import words
from localservices.applications import filling_pages, receipts, service, sheets, submission
from localservices.applications.service import Found
from localservices.applications.shelf import Offer, Shelf
from localservices.applications.speaking import as_typed, document_title, spoken, spoken_answer
from localservices.applications.submission import Answer, SubmissionError
from localservices.applications.xforms import showing
from localservices.applications.xforms.errors import FormError
from localservices.applications.xforms.showing import Page as ShownPage
from localservices.security import current_desk, current_office
from localservices.text import clean
from sync.wire.services import Manifest, Service

_QUERY_CHARS_MAX = 100


def create_pages(shelf: Shelf) -> Blueprint:
    pages = Blueprint("applications", __name__, template_folder="templates")
    views = _Pages(shelf)
    pages.add_url_rule("/services", "services", views.services)
    pages.add_url_rule("/services/<name>", "service", views.service)
    filling_pages.add_pages(pages, shelf)
    pages.add_url_rule("/applications", "listing", views.listing)
    pages.add_url_rule("/applications/search", "search", views.search, methods=["POST"])
    pages.add_url_rule("/applications/<public_id>", "application", views.application)
    pages.add_url_rule("/applications/<public_id>/receipt", "receipt", views.receipt)
    for shown in (spoken, spoken_answer, as_typed, document_title):
        pages.add_app_template_filter(shown)
    return pages


class _Pages:
    """One method a page."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def services(self) -> ResponseReturnValue:
        typed = clean(request.args.get("q", ""))[:_QUERY_CHARS_MAX]
        offers = [one for one in self._shelf.offers() if _is_meant(one, typed.casefold())]
        return render_template("applications/services.html", offers=offers, query=typed)

    def service(self, name: str) -> ResponseReturnValue:
        offer = self._shelf.offer(name) or abort(404)
        return render_template("applications/service.html", offer=offer)

    def listing(self) -> ResponseReturnValue:
        return self._listed("")

    def search(self) -> ResponseReturnValue:
        return self._listed(clean(request.form.get("q", ""))[:_QUERY_CHARS_MAX])

    def application(self, public_id: str) -> ResponseReturnValue:
        found = _found(public_id)
        return render_template(
            "applications/application.html",
            found=found,
            said=self._manifest(found),
            sheet=_by_form(found, self._service(found)),
            answers=_plainly(found),
            words=words.about(current_office().inbox, public_id) if found.known else [],
            already="already" in request.args,
            issues=current_office().mandate is not None,
        )

    def receipt(self, public_id: str) -> ResponseReturnValue:
        """The applicant's proof; whoever may read the application may print it again."""
        office, found = current_office(), _found(public_id)
        if office.mandate is None or found.known is None:
            abort(404)
        said = self._manifest(found)
        title = spoken(said.title) if said else found.known.filed.service
        text = receipts.text(found.known, title, office.mandate)
        picture = segno.make(text, error="m", boost_error=False)
        return render_template(
            "applications/receipt.html",
            found=found,
            title=title,
            text=text,
            picture=picture.svg_inline(border=4, omitsize=True),
        )

    def _listed(self, query: str) -> ResponseReturnValue:
        desk = current_desk()
        found = service.newest(desk, query) if desk.can_read else None
        offered = [one.service.manifest for one in self._shelf.offers()]
        return render_template(
            "applications/list.html",
            found=found,
            titles={said.id: said.title for said in offered},
            query=query,
            most=service.SHOWN_MAX,
        )

    def _service(self, found: Found) -> Service | None:
        """None: it is not on the shelf any more, or the working set is locked."""
        return self._shelf.of_form(found.known.filed.form) if found.known else None

    def _manifest(self, found: Found) -> Manifest | None:
        known = self._service(found)
        return known.manifest if known else None


def _found(public_id: str) -> Found:
    return service.find(current_desk(), public_id) or abort(404)


def _by_form(found: Found, offered: Service | None) -> list[ShownPage]:
    """The answers under the form's own words; empty: its form is not here, or it is sealed."""
    if found.known is None or offered is None:
        return []
    try:
        return showing.pages(sheets.filling(offered, found.known.filed.submission))
    except FormError:
        return []


def _plainly(found: Found) -> list[Answer]:
    """The answers under the names that the form gives them inside."""
    if found.known is None:
        return []
    try:
        return submission.answers(found.known.filed.submission)
    except SubmissionError:
        return []


def _is_meant(offer: Offer, query: str) -> bool:
    said = offer.service.manifest
    texts = (*said.title.values(), *said.summary.values(), *said.authority.values())
    return all(any(word in text.casefold() for text in texts) for word in query.split())
