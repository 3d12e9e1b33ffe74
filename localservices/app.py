"""Builds the node's web application. Nothing happens at import."""

import logging
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, g, render_template, request
from flask import Response as FlaskResponse
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from localservices import limits, messages, security, wording
from localservices.messages import LANGUAGES
from localservices.notices.pages import create_pages as notices
from localservices.office import Office
from localservices.registration.pages import create_pages as registration
from localservices.seats import Seats
from localservices.staff.pages import create_pages as staff
from localservices.status.pages import create_pages as status
from localservices.uploads import BusyError
from sync.store.errors import LockedError, StoreFailedError, StoreFullError

log = logging.getLogger(__name__)

_YEAR_S = 365 * 86_400
_PROBLEMS = {400: "bad_request", 404: "not_found", 405: "not_found", 413: "too_large"}


class Pages(Flask):
    """Hands out what lies packed in ``static`` as it lies, to every browser that can unpack."""

    def send_static_file(self, filename: str) -> FlaskResponse:
        packed = f"{filename}.gz"
        whole = Path(self.static_folder or "", packed)
        if not request.accept_encodings.quality("gzip") or not whole.is_file():
            return super().send_static_file(filename)
        response = super().send_static_file(packed)
        response.content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response


def create_app(office: Office) -> Flask:
    """The pages of a node, ready to be served by any WSGI server."""
    app = Pages(__name__)
    limits.limit(app)
    app.before_request(_choose_language)
    security.guard(app, office)
    app.after_request(_remember_language)
    slices = [staff(office), status(), registration(), notices(office), *office.pages]
    for pages in slices:
        app.register_blueprint(pages)
    wording.add(app, messages.load(_folders(app, slices)), ZoneInfo(office.time_zone))
    app.add_url_rule("/health", "health", _health)
    _answer_errors(app)
    return app


def lock_when_idle(app: Flask) -> None:
    """End what nobody uses; with the last member of staff the working set is locked.

    The timetable calls it each minute, for a page that nobody opens can't.
    """
    seats: Seats = app.extensions["seats"]
    seats.sweep()


def _folders(app: Flask, slices: Iterable[Blueprint]) -> list[Path]:
    places = dict.fromkeys(place.root_path for place in (app, *slices))  # some slices share one
    return [Path(place) / "messages" for place in places]


def _health() -> ResponseReturnValue:
    """Say that the pages are served, and nothing else: anyone may ask."""
    return Response("ok\n", mimetype="text/plain")


def _choose_language() -> None:
    asked = request.args.get("lang"), request.cookies.get("language")
    chosen = next((language for language in asked if language in LANGUAGES), None)
    g.language = chosen or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _remember_language(response: Response) -> Response:
    if request.args.get("lang") == g.language:
        response.set_cookie(
            "language", g.language, max_age=_YEAR_S, httponly=True, samesite="Strict"
        )
    return response


def _answer_errors(app: Flask) -> None:
    """One plain sentence for each thing that can go wrong outside of a form."""
    app.register_error_handler(BusyError, lambda _: _problem("uploads_busy", 503))
    app.register_error_handler(StoreFullError, lambda _: _problem("disk_full", 507))
    app.register_error_handler(StoreFailedError, lambda _: _problem("disk_failed", 503))
    app.register_error_handler(LockedError, lambda _: _problem("locked", 423))
    app.register_error_handler(CSRFError, lambda _: _problem("stale", 400))
    app.register_error_handler(InternalServerError, lambda _: _problem("ours", 500))
    app.register_error_handler(HTTPException, _http_problem)


def _http_problem(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    return _problem(_PROBLEMS.get(code, "bad_request"), code)


def _problem(name: str, code: int) -> ResponseReturnValue:
    return render_template("problem.html", problem=name), code
