"""The registration pages: read the form, call the service, show the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices import words
from localservices.refusal import FormRefusal, Refusal
from localservices.registration import correcting, doubles_pages, forms, papers, service
from localservices.registration.correcting import form_choices, today, told_of
from localservices.registration.service import Stage
from localservices.security import current_desk, current_office
from sync.store.errors import StoreFailedError, StoreFullError

_LOOKS_OFTEN = 40  # then the page looks less often, so that a browser left open costs little
_LOOK_S, _LOOK_SELDOM_S = 3, 30
_PAGE_MAX = 100_000
_QUERY_CHARS_MAX = 1_200  # the text of a certificate's QR code


def create_pages() -> Blueprint:
    pages = Blueprint("registration", __name__, template_folder="templates")
    pages.add_url_rule("/households", "listing", _listing)
    pages.add_url_rule("/households", "register", _register, methods=["POST"])
    pages.add_url_rule("/households/new", "new", _new)
    pages.add_url_rule("/households/new", "edit", _edit, methods=["POST"])
    pages.add_url_rule("/households/search", "search", _search, methods=["POST"])
    pages.add_url_rule("/households/<public_id>", "household", _household)
    correcting.add_pages(pages)
    papers.add_pages(pages)
    doubles_pages.add_pages(pages)
    return pages


def _new() -> ResponseReturnValue:
    return _form({})


def _edit() -> ResponseReturnValue:
    """Show the form again with a member more or less; nothing is saved."""
    fields = request.form.to_dict()
    action = fields.get("action", "")
    if action == "add":
        fields = forms.with_another(fields)
    elif action.startswith("remove-") and action[7:].isdecimal():
        fields = forms.without(fields, int(action[7:]))
    return _form(fields)


def _register() -> ResponseReturnValue:
    desk, fields = current_desk(), request.form.to_dict()
    try:
        form_id = forms.read_form_id(fields)
        household = forms.read_household(fields, desk.staff_name, today())
        if doubles := doubles_pages.unanswered(household, fields, form_id):
            return _form(fields, doubles=doubles), 409
        receipt = service.register(desk, household, form_id)
        doubles_pages.write_answer(receipt, fields, form_id)
    except FormRefusal as refusal:
        return _form(fields, refusal.problems), 422
    except StoreFullError:
        return _form(fields, trouble="disk_full"), 507
    except StoreFailedError:
        return _form(fields, trouble="disk_failed"), 503
    already = 1 if receipt.repeated else None
    page = url_for("registration.household", public_id=receipt.public_id, already=already)
    return redirect(page, 303)


def _household(public_id: str) -> ResponseReturnValue:
    found = service.find(current_desk(), public_id)
    if found is None:
        abort(404)
    looks = request.args.get("again", 0, type=int)
    return render_template(
        "registration/household.html",
        found=found,
        told=told_of(found.public_id) if found.known else None,
        words=words.about(current_office().inbox, public_id) if current_desk().can_read else [],
        waiting=found.stage is not Stage.HELD,
        **doubles_pages.of_household(found.known),
        issues=current_office().mandate is not None,
        already="already" in request.args,
        looks=looks,
        look_s=_LOOK_S if looks < _LOOKS_OFTEN else _LOOK_SELDOM_S,
    )


def _listing() -> ResponseReturnValue:
    desk = current_desk()
    number = min(max(1, request.args.get("page", 1, type=int)), _PAGE_MAX)
    page = service.newest(desk, number) if desk.can_read else None
    return render_template("registration/list.html", page=page, query="")


def _search() -> ResponseReturnValue:
    """Posted, for what is sought is personal and must not stand in an address."""
    desk = current_desk()
    query = request.form.get("query", "")[:_QUERY_CHARS_MAX]
    if not query.strip():
        return redirect(url_for("registration.listing"), 303)
    page = service.search(desk, query) if desk.can_read else None
    return render_template("registration/list.html", page=page, query=query)


def _form(
    fields: Mapping[str, str],
    problems: Mapping[str, Refusal] | None = None,
    trouble: str | None = None,
    doubles: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The form as it was typed; only the first time it is given its id."""
    try:
        form_id = forms.read_form_id(fields)
    except FormRefusal:
        form_id = current_desk().new_id()
    return render_template(
        "registration/new.html",
        fields=fields,
        problems=problems or {},
        trouble=trouble,
        doubles=doubles,
        form_id=form_id.hex(),
        save_to="registration.register",
        people_to="registration.edit",
        where={},
        **form_choices(fields),
    )
