"""The verification pages: a text or a picture in, one verdict out."""

from collections.abc import Callable
from threading import BoundedSemaphore

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from localservices.security import current_desk
from localservices.verification import picture, service
from localservices.verification.formats.hcert import TEXT_CHARS_MAX
from localservices.verification.picture import PictureError
from localservices.verification.trust import TrustList
from sync.store.errors import StoreFailedError, StoreFullError

_FORM_ID_BYTES = 16
READERS_MAX = 2  # pictures at once: each may take reader.MEMORY_BYTES_MAX of a small machine
READER_WAIT_S = 2.0  # a photo takes a third of one


def create_pages(trust: Callable[[], TrustList], readers_max: int = READERS_MAX) -> Blueprint:
    """``trust`` gives the list that is in force."""
    pages = Blueprint("verification", __name__, template_folder="templates")
    readers = BoundedSemaphore(readers_max)

    def new() -> ResponseReturnValue:
        return _form(trust())

    def check() -> ResponseReturnValue:
        return _check(trust(), readers)

    pages.add_url_rule("/verify", "new", new)
    pages.add_url_rule("/verify", "check", check, methods=["POST"])
    return pages


def _check(trust: TrustList, readers: BoundedSemaphore) -> ResponseReturnValue:
    desk = current_desk()
    try:
        text = _text(readers)
    except PictureError as error:
        return _form(trust, error.code), 422
    kept = True
    try:
        verdict = service.check(desk, trust, text, _form_id())
    except (StoreFullError, StoreFailedError):
        # The person at the table still needs the answer.
        verdict, kept = service.judge(desk, trust, text), False
    return render_template("verification/verdict.html", verdict=verdict, kept=kept)


def _text(readers: BoundedSemaphore) -> str:
    """What was pasted, or what the picture's code says. Raises PictureError."""
    uploaded = request.files.get("picture")
    if uploaded is not None and uploaded.filename:
        if not readers.acquire(timeout=READER_WAIT_S):
            raise PictureError(picture.NO_ROOM)
        try:
            return picture.text_of(uploaded.read(picture.PICTURE_BYTES_MAX + 1))
        finally:
            readers.release()
    text = request.form.get("payload", "")
    if not text.strip():
        raise PictureError("nothing_given")
    return text


def _form_id() -> bytes:
    try:
        given = bytes.fromhex(request.form.get("form_id", ""))
    except ValueError:
        given = b""
    return given if len(given) == _FORM_ID_BYTES else current_desk().new_id()


def _form(trust: TrustList, problem: str | None = None) -> str:
    desk = current_desk()
    return render_template(
        "verification/new.html",
        form_id=desk.new_id().hex(),
        problem=problem,
        issuers=sum(map(len, trust.by_kid.values())),
        made_at_ms=trust.made_at_ms,
        superseded=trust.is_superseded,
        most=TEXT_CHARS_MAX,
    )
