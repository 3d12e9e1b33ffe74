"""What a browser gives to be checked: texts, pictures, or a camera's view."""

from flask import request

from localservices import once
from localservices.security import current_desk
from localservices.verification import engine, picture
from localservices.verification.picture import PictureError, Readers

TEXTS_MAX = 20  # codes on a page


def form_id() -> bytes:
    """That of the form that was sent; one that has none gets one."""
    return once.read(request.form.get("form_id", "")) or current_desk().new_id()


def texts(readers: Readers) -> list[str]:
    """What was pasted or scanned, and what the pictures' codes say; at least one.

    Raises:
        PictureError: nothing was given, or a picture gives nothing.
    """
    found = [text for text in request.form.getlist("payload") if text.strip()]
    for file in request.files.getlist("picture"):
        if file.filename:
            found += engine.documents(readers.texts(file.read(picture.PICTURE_BYTES_MAX + 1)))
    if not found:
        raise PictureError("nothing_given")
    return list(dict.fromkeys(found))[:TEXTS_MAX]


def seen(readers: Readers) -> list[str]:
    """What a camera's view shows; mostly nothing. Raises PictureError: it cannot be read."""
    view = request.files.get("view")
    if view is None:
        return []
    try:
        return engine.documents(readers.texts(view.read(picture.PICTURE_BYTES_MAX + 1)))[:TEXTS_MAX]
    except PictureError as error:
        if error.code == picture.NO_CODE:
            return []
        raise
