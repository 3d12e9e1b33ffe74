"""The verification pages: a text or a picture in, one verdict out."""

from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from localservices.security import current_desk, current_office
from localservices.verification import engine, picture, service, typed
from localservices.verification.again import Again
from localservices.verification.formats.packing import TEXT_CHARS_MAX
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.picture import PictureError
from localservices.verification.registries import Registries
from localservices.verification.typed import form_id
from sync.store.errors import StoreFailedError, StoreFullError

READERS_MAX = 2  # pictures at once: each may take reader.MEMORY_BYTES_MAX of a small machine
READER_WAIT_S = 2.0  # a photo takes a third of one


def create_pages(
    known: Callable[[], Knowledge],
    passed_ms: Callable[[], int | None] = lambda: None,
    registries: Registries | None = None,
    readers_max: int = READERS_MAX,
) -> Blueprint:
    """``known`` gives what is in force, ``passed_ms`` a time that has surely passed."""
    pages = Blueprint("verification", __name__, template_folder="templates")
    readers = BoundedSemaphore(readers_max)

    again = Again()

    def when() -> When:
        return When(current_desk().now_ms(), passed_ms())

    def new() -> ResponseReturnValue:
        _look_again(again, known(), when())
        return _form(known(), again)

    def check() -> ResponseReturnValue:
        return _check(known(), when(), readers, again)

    pages.add_url_rule("/verify", "new", new)
    pages.add_url_rule("/verify", "check", check, methods=["POST"])
    typed.add_pages(pages, registries or Registries(tuple, tuple), passed_ms)
    return pages


def _look_again(again: Again, known: Knowledge, when: When) -> None:
    """Before the next person is checked: what of the former ones is known by now."""
    for changed in again.look(known, when, current_office().monotonic_ms()):
        with suppress(StoreFullError, StoreFailedError):  # staff are told all the same
            service.keep_again(current_desk(), changed)


def _check(
    known: Knowledge, when: When, readers: BoundedSemaphore, again: Again
) -> ResponseReturnValue:
    try:
        text = _text(readers)
    except PictureError as error:
        return _form(known, again, error.code), 422
    kept = True
    try:
        verdict = service.check(current_desk(), known, when, text, form_id())
    except (StoreFullError, StoreFailedError):
        # The person at the table still needs the answer.
        verdict, kept = engine.judge(text, known, when), False
    again.remember(text, verdict, current_desk().staff_name, current_office().monotonic_ms())
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


def _form(known: Knowledge, again: Again, problem: str | None = None) -> str:
    desk = current_desk()
    return render_template(
        "verification/new.html",
        form_id=desk.new_id().hex(),
        problem=problem,
        issuers=known.issuers,
        made_at_ms=known.made_at_ms,
        superseded=known.is_superseded,
        most=TEXT_CHARS_MAX,
        changed=again.changed,
    )
