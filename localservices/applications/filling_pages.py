"""Filling in a service's form, a page at a time; the browser carries what is answered so far.

Nothing lies on the node until it is filed: whoever signs out takes the half-filled form along,
and a node that starts again finds it in the page that is sent next.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices.applications import service, sheets, typed
from localservices.applications.service import Filing
from localservices.applications.shelf import Offer, Shelf
from localservices.applications.xforms import showing
from localservices.applications.xforms.errors import AddressError, FormError
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.showing import Page, Problem
from localservices.refusal import Refusal
from localservices.security import current_desk
from sync.store.errors import StoreFailedError, StoreFullError

CHECK = "check"  # the key of the last page, which shows all answers


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form in somebody's hands."""

    offer: Offer
    filling: Filling
    pages: list[Page]

    def place(self, key: str) -> int:
        """Of a page that may have moved or gone; after the last stands the check."""
        keys = [page.key for page in self.pages]
        return keys.index(key) if key in keys else len(keys) if key == CHECK else 0


def add_pages(pages: Blueprint, shelf: Shelf) -> None:
    views = _Pages(shelf)
    pages.add_url_rule("/services/<name>/fill", "fill", views.begin)
    pages.add_url_rule("/services/<name>/fill", "go_on", views.go_on, methods=["POST"])


class _Pages:
    """One method a way in."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def begin(self, name: str) -> ResponseReturnValue:
        sheet = self._sheet(name, None)
        return _shown(sheet, 0)

    def go_on(self, name: str) -> ResponseReturnValue:
        sheet = self._sheet(name, request.form.get("kept", "").encode())
        at = sheet.place(request.form.get("page", ""))
        problems, seen = _taken(sheet, at), _asked(sheet, at)
        sheet = _again(sheet)
        action, _, what = request.form.get("action", "next").partition(":")
        at = sheet.place(request.form.get("page", ""))
        if _asked(sheet, at) - seen:  # what has just come up may have been answered as well
            problems = _taken(sheet, at)
            sheet = _again(sheet)
        if action == "file":
            return _filed(sheet)
        if action in ("back", "go"):
            return _shown(sheet, at - 1 if action == "back" else sheet.place(what))
        if action in ("add", "remove"):
            return _shown(*_changed(sheet, action, what))
        if action == "live":
            return _shown(sheet, at, problems)
        if at < len(sheet.pages):
            problems = typed.wrong(sheet.filling, sheet.pages[at]) | problems
        if problems.keys() & seen:
            return _shown(sheet, at, problems), 422
        # What an answer has just brought up was not there to be answered: it is no mistake.
        return _shown(sheet, at if problems else at + 1)

    def _sheet(self, name: str, kept: bytes | None) -> Sheet:
        offer = self._shelf.offer(name) or abort(404)
        try:
            filling = sheets.filling(offer.service, kept)
        except FormError:
            abort(400)
        return Sheet(offer, filling, showing.pages(filling))


def _taken(sheet: Sheet, at: int) -> dict[str, Problem]:
    if at >= len(sheet.pages):
        return {}
    return typed.put(sheet.filling, sheet.pages[at], request.form.getlist)


def _asked(sheet: Sheet, at: int) -> set[str]:
    return {one.address for one in sheet.pages[at].asked} if at < len(sheet.pages) else set()


def _again(sheet: Sheet) -> Sheet:
    """With the pages as they are after what was answered."""
    return Sheet(sheet.offer, sheet.filling, showing.pages(sheet.filling))


def _changed(sheet: Sheet, action: str, what: str) -> tuple[Sheet, int]:
    """One more of a repeat, or one less; and the page to show then."""
    filling = sheet.filling
    try:
        if action == "add":
            above, _, name = what.rpartition("/")
            node = filling.node(above)
            fresh = filling.add((*node.names(), name), node)
            filling.work_out()
            sheet = _again(sheet)
            address = filling.address(fresh)
            keys = [page.key for page in sheet.pages]
            return sheet, next((n for n, key in enumerate(keys) if key.startswith(address)), 0)
        at = sheet.place(request.form.get("page", ""))
        filling.remove(what)
    except AddressError:
        abort(400)
    return _again(sheet), at


def _filed(sheet: Sheet) -> ResponseReturnValue:
    for at, page in enumerate(sheet.pages):
        problems = typed.wrong(sheet.filling, page)
        if problems:
            return _shown(sheet, at, problems), 422
    try:
        filing = Filing(
            sheet.offer.service,
            sheet.filling.instance_id,
            sheet.filling.to_xml(finished=True),
            tuple(request.form.getlist("checked"))[:10],
            request.form.get("household") or None,
        )
        _, receipt = service.file(current_desk(), filing)
    except Refusal as refusal:
        return _shown(sheet, len(sheet.pages), refusal=refusal), 422
    except StoreFullError:
        return _shown(sheet, len(sheet.pages), trouble="disk_full"), 507
    except StoreFailedError:
        return _shown(sheet, len(sheet.pages), trouble="disk_failed"), 503
    already = 1 if receipt.repeated else None
    where = url_for("applications.application", public_id=receipt.public_id, already=already)
    return redirect(where, 303)


def _shown(
    sheet: Sheet,
    at: int,
    problems: dict[str, Problem] | None = None,
    refusal: Refusal | None = None,
    trouble: str | None = None,
) -> str:
    at = max(0, at)
    is_last = at >= len(sheet.pages)
    page = Page(CHECK, "", ()) if is_last else sheet.pages[at]
    return render_template(
        "applications/check.html" if is_last else "applications/fill.html",
        offer=sheet.offer,
        sheet=sheet,
        page=page,
        first=at == 0,
        number=at + 1,
        kept=sheet.filling.to_xml().decode(),
        problems=problems or {},
        given=request.form,
        household=request.values.get("household", ""),
        shown=service.shown_documents(current_desk(), sheet.offer.service) if is_last else [],
        refusal=refusal,
        trouble=trouble,
    )
