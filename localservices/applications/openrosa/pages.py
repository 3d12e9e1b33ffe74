"""OpenRosa's addresses: phones come here, each with its own secret; no browser does."""

from collections.abc import Callable
from email.utils import formatdate
from typing import cast

from flask import Blueprint, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from localservices.applications.openrosa import listing, service
from localservices.applications.openrosa.door import Door, Knock, NotIn
from localservices.applications.openrosa.listing import PublishedForm
from localservices.applications.openrosa.service import Attachment, Counter
from localservices.refusal import Refusal
from localservices.security import current_office
from localservices.uploads import DEVICES_MEMORY_BYTES_MAX, DEVICES_PATH, BusyError
from sync.store.draft import Draft
from sync.store.errors import StoreFailedError, StoreFullError
from sync.wire.errors import OversizedError

XML = "text/xml; charset=utf-8"
# What a phone is asked to put into one request: what a weak Wi-Fi carries between two cuts.
ACCEPTED_BYTES = 10_000_000
FORM_FIELD = "xml_submission_file"
_TROUBLE: tuple[tuple[type[Exception], str, int], ...] = (
    (BusyError, "busy", 503),
    (StoreFullError, "full", 507),
    (StoreFailedError, "failed", 503),
    (OversizedError, "too_large", 413),
    (RequestEntityTooLarge, "too_large", 413),
    (BadRequest, "no_form", 400),
)


def create_pages(
    door: Door, counter: Counter, forms_key: Callable[[], str | None] = lambda: None
) -> Blueprint:
    """``forms_key``: central's key that forms are encrypted to; None: they come readable."""
    pages = Blueprint("openrosa", __name__)
    views = _Pages(door, counter, forms_key)
    pages.before_request(views.let_in)
    pages.after_request(_speak_openrosa)
    pages.add_url_rule("/openrosa/formList", "form_list", views.form_list)
    pages.add_url_rule("/openrosa/form", "form", views.form)
    pages.add_url_rule("/openrosa/manifest", "manifest", views.manifest)
    pages.add_url_rule("/openrosa/file/<name>", "file", views.file)
    pages.add_url_rule(DEVICES_PATH, "submission", views.submission, methods=["POST"])
    pages.add_url_rule(DEVICES_PATH, "ask", views.ask, methods=["HEAD"])
    for kind, name, code in _TROUBLE:
        pages.register_error_handler(kind, lambda _, name=name, code=code: _no(name, code))

    def set_up(state: BlueprintSetupState) -> None:
        state.app.extensions["csrf"].exempt(pages)
        state.app.extensions["devices"] = door

    pages.record_once(set_up)
    return pages


class _Pages:
    """One method a page."""

    def __init__(self, door: Door, counter: Counter, forms_key: Callable[[], str | None]) -> None:
        self._door, self._counter, self._forms_key = door, counter, forms_key

    def let_in(self) -> ResponseReturnValue | None:
        length = request.content_length or 0
        knock = Knock(
            request.method,
            request.environ.get("REQUEST_URI", request.full_path.rstrip("?")),
            request.headers.get("Authorization", ""),
            request.remote_addr or "",
            length > DEVICES_MEMORY_BYTES_MAX,
        )
        try:
            g.device = self._door.enter(knock)
        except NotIn as no:
            return _not_in(no)
        return None

    def form_list(self) -> ResponseReturnValue:
        asked = request.args.get("formID")
        found = [one for one in self._counter.forms.listed() if asked in (None, one.id)]
        return _xml(listing.form_list(found, _root(), self._forms_key()))

    def form(self) -> ResponseReturnValue:
        form = self._asked()
        return _xml(listing.served(form, self._forms_key())) if form else _no("no_such", 404)

    def manifest(self) -> ResponseReturnValue:
        form = self._asked()
        return _xml(listing.manifest(form, _root())) if form else _no("no_such", 404)

    def file(self, name: str) -> ResponseReturnValue:
        form = self._asked()
        found = form.file(name) if form else None
        if found is None:
            return _no("no_such", 404)
        return Response(found.content, mimetype="application/octet-stream")

    def ask(self) -> ResponseReturnValue:
        return Response(status=204)

    def submission(self) -> ResponseReturnValue:
        found = [(name, _draft(one.stream), one) for name, one in request.files.items(multi=True)]
        forms = [draft for name, draft, _ in found if name == FORM_FIELD]
        if len(forms) != 1:
            return _no("no_form", 400)
        attached = [
            Attachment(service.file_name(one.filename or name), draft)
            for name, draft, one in found
            if name != FORM_FIELD and draft.size
        ]
        try:
            filed = service.file(self._counter, g.device, forms[0], attached)
        except Refusal as refusal:
            code = {"openrosa.form_large": 413, "openrosa.other": 409}.get(refusal.code, 400)
            return _answer(_t(refusal.code, **refusal.facts), "submit_failure", code)
        # A part of a form too: its record is here, and its other files will join it.
        return _answer(_t("openrosa.saved", number=filed.public_id), "submit_success", 201)

    def _asked(self) -> PublishedForm | None:
        return self._counter.forms.known(
            request.args.get("id", ""), request.args.get("version", "")
        )


def _draft(stream: object) -> Draft:
    assert isinstance(stream, Draft), "limits keeps this endpoint's files in drafts"
    stream.seek(0)
    return stream


def _root() -> str:
    return request.host_url.rstrip("/") + "/openrosa"


def _t(key: str, **facts: object) -> str:
    sentence = cast(Callable[..., str], current_app.jinja_env.globals["t"])
    return sentence(key, **facts)


def _xml(body: str | bytes) -> Response:
    return Response(body, content_type=XML)


def _no(name: str, code: int) -> Response:
    return _answer(_t(f"openrosa.{name}"), "submit_failure", code)


def _answer(message: str, nature: str, code: int) -> Response:
    return Response(listing.response(message, nature), code, content_type=XML)


def _not_in(no: NotIn) -> Response:
    if no.wait_s:
        answer = _no("often", 429)
        answer.headers["Retry-After"] = str(no.wait_s)
        return answer
    answer = _no("not_in", 401)
    for challenge in no.challenges:
        answer.headers.add("WWW-Authenticate", challenge)
    return answer


def _speak_openrosa(response: Response) -> Response:
    response.headers["X-OpenRosa-Version"] = "1.0"
    response.headers["X-OpenRosa-Accept-Content-Length"] = str(ACCEPTED_BYTES)
    response.headers["Date"] = formatdate(current_office().now_ms() / 1000, usegmt=True)
    if request.path == DEVICES_PATH:
        response.headers["Location"] = _root() + "/submission"
    return response
