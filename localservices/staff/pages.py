"""The pages of the door: first run, sign in, sign out, lock."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from localservices.office import Office
from localservices.refusal import FormRefusal, Refusal
from localservices.security import KEPT, RESUMED_AT, current_desk, current_office, current_seats
from localservices.staff.backoff import Backoff
from localservices.staff.forms import read_new_account, read_role, read_sign_in
from localservices.staff.service import Reception
from sync.store.errors import LockedError
from sync.store.keys import Account, Role


def create_pages(office: Office) -> Blueprint:
    """The slice's pages, with a reception of their own."""
    pages = Blueprint("staff", __name__, template_folder="templates")
    door = _Door(Reception(office.accounts, Backoff(office.monotonic_ms), office.setup_code))
    pages.add_url_rule("/setup", "first", door.first)
    pages.add_url_rule("/setup", "begin", door.begin, methods=["POST"])
    pages.add_url_rule("/colleagues/new", "colleague", _colleague)
    pages.add_url_rule("/colleagues/new", "add_colleague", door.add_colleague, methods=["POST"])
    pages.add_url_rule("/sign-in", "sign_in", _sign_in)
    pages.add_url_rule("/sign-in", "enter", door.enter, methods=["POST"])
    pages.add_url_rule("/sign-out", "sign_out", _sign_out, methods=["POST"])
    pages.add_url_rule("/lock", "lock", _lock, methods=["POST"])
    return pages


class _Door:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def first(self) -> ResponseReturnValue:
        if current_office().accounts.any():
            return redirect(url_for("staff.sign_in"), 303)
        return _first_page({})

    def begin(self) -> ResponseReturnValue:
        address = request.remote_addr or ""
        try:
            credentials = read_new_account(request.form)
            code = request.form.get("setup_code", "")
            account = self._reception.create_first(code, credentials, address)
        except FormRefusal as refusal:
            return _first_page(refusal.problems), 422
        except Refusal as refusal:
            return _first_page({"": refusal}), 422
        return _take_seat(account, "/")

    def add_colleague(self) -> ResponseReturnValue:
        if not current_desk().can_read:
            raise LockedError("only who can read may hand on what opens the working set")
        try:
            credentials, role = read_new_account(request.form), read_role(request.form)
        except FormRefusal as refusal:
            return _colleague_page(refusal.problems), 422
        account = self._reception.add_colleague(credentials, role)
        return _colleague_page({}, made=account.name)

    def enter(self) -> ResponseReturnValue:
        try:
            credentials = read_sign_in(request.form)
            account = self._reception.sign_in(credentials, request.remote_addr or "")
        except FormRefusal as refusal:
            return _sign_in_page(next(iter(refusal.problems.values()))), 422
        except Refusal as refusal:
            return _sign_in_page(refusal), 422
        response = _take_seat(account, _own_path(request.form.get("wanted", "/")))
        resumed_at = request.form.get("resumed_at")
        if resumed_at not in RESUMED_AT.values():
            return response
        return render_template("staff/resume.html", kept=_kept(), resumed_at=resumed_at)


def _colleague() -> ResponseReturnValue:
    return _colleague_page({})


def _sign_in() -> ResponseReturnValue:
    if not current_office().accounts.any():
        return redirect(url_for("staff.first"), 303)
    return _sign_in_page(None)


def _sign_out() -> ResponseReturnValue:
    current_seats().leave(session.get("seat", ""))
    session.clear()
    response = redirect(url_for("staff.sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _lock() -> ResponseReturnValue:
    current_office().accounts.lock()
    return _sign_out()


def _take_seat(account: Account, path: str) -> Response:
    # The new seat first: were the old one the last, leaving it would lock the working set again.
    left, taken = session.get("seat", ""), current_seats().take(account)
    current_seats().leave(left)
    session.clear()  # nothing of the stranger's session lives on, not even its form token
    session["seat"] = taken
    return redirect(path, 303)


def _first_page(problems: Mapping[str, Refusal]) -> str:
    fields = {"name": request.form.get("name", "")}
    return render_template("staff/first.html", fields=fields, problems=problems)


def _colleague_page(problems: Mapping[str, Refusal], made: str | None = None) -> str:
    fields = {} if made else {name: request.form.get(name, "") for name in ("name", "role")}
    return render_template(
        "staff/colleague.html", fields=fields, problems=problems, made=made, roles=list(Role)
    )


def _sign_in_page(problem: Refusal | None) -> str:
    return render_template(
        "staff/sign_in.html",
        name=request.form.get("name", ""),
        wanted=_own_path(request.values.get("wanted", "/")),
        problem=problem,
        kept=_kept(),
        resumed_at=request.form.get("resumed_at"),
    )


def _kept() -> dict[str, str]:
    """The fields of the form that met a closed door."""
    return {
        name.removeprefix(KEPT): value
        for name, value in request.form.items()
        if name.startswith(KEPT)
    }


def _own_path(path: str) -> str:
    """A path on this node: never another site's address, which a link could smuggle in."""
    safe = path.startswith("/") and not path.startswith("//") and path.isprintable()
    return path if safe and "\\" not in path else "/"
