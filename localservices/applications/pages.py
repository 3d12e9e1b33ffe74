"""The pages of services and applications: choose one, see what became of it, take its receipt."""

import segno
from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue

from localservices import words
from localservices.applications import receipts, service, submission
from localservices.applications.service import Found
from localservices.applications.shelf import Offer, Shelf
from localservices.applications.submission import Answer, SubmissionError
from localservices.security import current_desk, current_office
from localservices.text import clean
from sync.wire.services import Manifest, Words

_QUERY_CHARS_MAX = 100


def create_pages(shelf: Shelf) -> Blueprint:
    pages = Blueprint("applications", __name__, template_folder="templates")
    views = _Pages(shelf)
    pages.add_url_rule("/services", "services", views.services)
    pages.add_url_rule("/services/<name>", "service", views.service)
    pages.add_url_rule("/applications", "listing", views.listing)
    pages.add_url_rule("/applications/search", "search", views.search, methods=["POST"])
    pages.add_url_rule("/applications/<public_id>", "application", views.application)
    pages.add_url_rule("/applications/<public_id>/receipt", "receipt", views.receipt)
    pages.add_app_template_filter(_spoken, "spoken")
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
            answers=_answers(found),
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
        title = _spoken(said.title) if said else found.known.filed.service
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

    def _manifest(self, found: Found) -> Manifest | None:
        """None: its service is not on the shelf any more, or the working set is locked."""
        known = self._shelf.of_form(found.known.filed.form) if found.known else None
        return known.manifest if known else None


def _found(public_id: str) -> Found:
    return service.find(current_desk(), public_id) or abort(404)


def _answers(found: Found) -> list[Answer]:
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


def _spoken(said: Words) -> str:
    """In the reader's language, or else in English, which every manifest has."""
    return said.get(g.language) or said["en"]
