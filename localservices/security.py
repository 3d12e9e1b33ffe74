"""The door of every page: closed unless a person has signed in, or the page is for everyone.

A page gets its desk with ``current_desk()``; whoever reaches a page that is not in ``OPEN`` has
signed in. Templates put ``{{ csrf_field() }}`` into each form that is posted.
"""

from typing import cast

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, session
from flask import url_for as address_of
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from localservices.desk import Desk
from localservices.office import Office
from localservices.seats import Seat, Seats
from localservices.sessions import SteadySessions

OPEN = frozenset(
    {"static", "health", "staff.sign_in", "staff.enter", "staff.first", "staff.begin"}
    | {"relay.messages"}  # other nodes come there, and what they bring is signed
    | {"notices.news", "notices.cap"}  # central's words for everybody
    | {f"openrosa.{page}" for page in ("form_list", "form", "manifest", "file")}
    | {"openrosa.submission", "openrosa.ask"}  # phones come there, each with its own secret
    | {"catalogue.file"}  # and what they take is no secret
)
RESUMED_AT = {  # a form that meets a closed door is kept across the sign-in, and shown again here
    "registration.register": "registration.edit",
    "registration.edit": "registration.edit",
}
KEPT = "kept-"  # what the kept fields are called meanwhile

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self';"
        " script-src 'self'; connect-src 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not no-referrer: with it a browser hides the Origin of our own forms, which we check.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard(app: Flask, office: Office) -> None:
    """Close every door of ``app``. Call it before any page is added."""
    app.secret_key = office.session_key
    app.session_interface = SteadySessions()
    app.config.update(
        SESSION_COOKIE_NAME="nezlam",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # ends with the session, not by a clock that may be wrong
    )
    app.extensions["office"] = office
    app.extensions["seats"] = Seats(office.monotonic_ms, office.accounts.lock)
    app.before_request(_check_origin)
    app.before_request(_check_seat)
    app.after_request(_add_headers)
    CSRFProtect(app)
    app.jinja_env.globals["csrf_field"] = csrf_field


def current_office() -> Office:
    return cast(Office, current_app.extensions["office"])


def current_seats() -> Seats:
    return cast(Seats, current_app.extensions["seats"])


def current_desk() -> Desk:
    """The desk of this request: the store, the working set, and who is signed in."""
    office, seat = current_office(), current_seat()
    assert seat is not None, "a page that needs a desk is not open to everyone"
    account = seat.account
    return Desk(
        office.store, office.working, account.name, office.now_ms, office.new_id, account.role
    )


def current_seat() -> Seat | None:
    """Who is signed in; None on the pages for everyone."""
    return cast("Seat | None", g.get("seat"))


def is_of_someone(app: Flask, cookie: str) -> bool:
    """Whether a request with this cookie comes from a person who has signed in."""
    asked = app.request_class({"HTTP_COOKIE": cookie})
    session = app.session_interface.open_session(app, asked)
    seats = cast(Seats, app.extensions["seats"])
    return session is not None and seats.knows(session.get("seat", ""))


def csrf_field() -> Markup:
    """The hidden field that proves that a form is ours."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _check_origin() -> ResponseReturnValue | None:
    """A form that another site sends is turned away, whatever cookie it brings."""
    origin = request.headers.get("Origin")
    if request.method != "POST" or origin is None or origin == request.host_url.rstrip("/"):
        return None
    return render_template("problem.html", problem="foreign"), 403


def _check_seat() -> ResponseReturnValue | None:
    acting = "again" not in request.args and request.endpoint != "status.api"
    g.seat = current_seats().at(session.get("seat", ""), using=acting)
    if g.seat is not None or request.endpoint is None or request.endpoint in OPEN:
        return None
    if request.path.startswith("/api/"):
        return jsonify(error="sign in first"), 401
    if not current_office().accounts.any():
        return redirect(address_of("staff.first"), 303)
    if request.endpoint in RESUMED_AT and request.method == "POST":
        return _keep_form(RESUMED_AT[request.endpoint])
    wanted = request.path if request.method == "GET" else "/"
    return redirect(address_of("staff.sign_in", wanted=wanted), 303)


def _keep_form(resumed_at: str) -> ResponseReturnValue:
    kept = {name: value for name, value in request.form.items() if name != "csrf_token"}
    page = render_template(
        "staff/sign_in.html", name="", wanted="/", problem=None, kept=kept, resumed_at=resumed_at
    )
    return page, 401


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)  # a stranger's file comes with narrower ones
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
