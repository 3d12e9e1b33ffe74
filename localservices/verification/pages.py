"""The verification pages: a text, pictures or a camera's view in, one verdict a document out."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from localservices import once, times
from localservices.security import current_desk
from localservices.verification import history, presented, typed
from localservices.verification.bus import Buses
from localservices.verification.formats.packing import TEXT_CHARS_MAX
from localservices.verification.picture import PictureError, Readers
from localservices.verification.service import Checked, Inspection
from localservices.verification.verdict import tone

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WITH_CAMERA = ("verification.new", "verification.many")
_CAMERA = "camera=(self), geolocation=(), microphone=()"


def create_pages(inspection: Inspection, readers: Readers | None = None) -> Blueprint:
    pages = Blueprint("verification", __name__, template_folder="templates")
    views = _Pages(inspection, readers or Readers())
    pages.add_url_rule("/verify", "new", views.new)
    pages.add_url_rule("/verify", "check", views.check, methods=["POST"])
    pages.add_url_rule("/verify/view", "view", views.view, methods=["POST"])
    pages.add_url_rule("/verify/changed", "known", views.known, methods=["POST"])
    pages.add_url_rule("/verify/many", "many", views.many)
    pages.add_url_rule("/verify/many", "next_one", views.next_one, methods=["POST"])
    pages.add_url_rule("/verify/many/end", "end", views.end, methods=["POST"])
    pages.add_url_rule("/verify/history", "history", history.show)
    typed.add_pages(pages, inspection)
    pages.after_request(_allow_camera)
    pages.app_context_processor(lambda: {"changed_checks": len(inspection.again.changed)})
    pages.app_template_global("type_title")(lambda code: _title(inspection, code))
    pages.app_template_filter("tone")(tone)
    pages.app_template_filter("claimed")(_claimed)
    return pages


def _allow_camera(response: Response) -> Response:
    if request.endpoint in _WITH_CAMERA:
        response.headers["Permissions-Policy"] = _CAMERA
    return response


def _title(inspection: Inspection, code: str) -> str:
    """What people call a type of documents; empty: nobody here knows it."""
    words: Mapping[str, Any] = current_app.jinja_env.globals
    if words["has_sentence"](key := f"verification.type.{code}"):
        return str(words["t"](key))
    known = inspection.types().get(code)
    return known.title(g.language) if known else ""


def _claimed(value: str) -> str:
    """A claim as a person reads it: days in the reader's way."""
    if not _DAY.fullmatch(value):
        return value
    try:
        return times.day_text(date.fromisoformat(value), g.language)
    except ValueError:
        return value  # the 31st of June


class _Pages:
    """One method a page."""

    def __init__(self, inspection: Inspection, readers: Readers) -> None:
        self._inspection, self._readers = inspection, readers
        self._buses = Buses()

    def new(self) -> ResponseReturnValue:
        self._inspection.look_again(current_desk())  # before the next person is checked
        return self._form()

    def check(self) -> ResponseReturnValue:
        try:
            found = [checked for _, checked in self._checked()]
        except PictureError as error:
            return self._form(error.code), 422
        return render_template("verification/verdict.html", found=found)

    def view(self) -> ResponseReturnValue:
        """What a camera sees: read, and not judged yet."""
        try:
            return jsonify(texts=presented.seen(self._readers))
        except PictureError as error:
            return jsonify(problem=error.code), 503

    def known(self) -> ResponseReturnValue:
        self._inspection.again.is_known()
        return redirect(url_for("verification.new"), 303)

    def many(self) -> ResponseReturnValue:
        return self._bus()

    def next_one(self) -> ResponseReturnValue:
        try:
            for own, checked in self._checked():
                self._buses.add(current_desk().staff_name, own, checked)
        except PictureError as error:
            return self._bus(error.code), 422
        return redirect(url_for("verification.many"), 303)

    def end(self) -> ResponseReturnValue:
        self._buses.end(current_desk().staff_name)
        return redirect(url_for("verification.many"), 303)

    def _checked(self) -> list[tuple[bytes, Checked]]:
        """Each document that was presented, by an id of its own. Raises PictureError."""
        texts, form = presented.texts(self._readers), presented.form_id()
        own = [once.of_part(form, number) for number in range(len(texts))]
        desk = current_desk()
        return [
            (one, self._inspection.check(desk, text, one))
            for one, text in zip(own, texts, strict=True)
        ]

    def _form(self, problem: str | None = None) -> str:
        known = self._inspection.known()
        return render_template(
            "verification/new.html",
            form_id=current_desk().new_id().hex(),
            problem=problem,
            issuers=known.issuers,
            made_at_ms=known.made_at_ms,
            superseded=known.is_superseded,
            most=TEXT_CHARS_MAX,
            changed=self._inspection.again.changed,
        )

    def _bus(self, problem: str | None = None) -> str:
        desk = current_desk()
        return render_template(
            "verification/many.html",
            form_id=desk.new_id().hex(),
            problem=problem,
            bus=self._buses.of(desk.staff_name),
            most=TEXT_CHARS_MAX,
        )
