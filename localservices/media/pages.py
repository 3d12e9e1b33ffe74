"""The pages of files: attach one, see how far each has come, look at it while it is here."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from localservices import uploads
from localservices.media import forms, service
from localservices.media.service import Found, Shelf, Stage
from localservices.refusal import FormRefusal, Refusal
from localservices.security import current_desk
from localservices.uploads import Uploads
from sync.store.draft import Draft
from sync.store.errors import StoreFailedError, StoreFullError
from sync.store.media import FileGoneError

_LOOKS_OFTEN = 40  # then the page looks less often, so that a browser left open costs little
_LOOK_S, _LOOK_SELDOM_S = 3, 30
_PAGE_MAX = 100_000
# What a stranger's file may do in our own pages: nothing.
_CLOSED = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}


def create_pages(shelf: Shelf, received: Uploads) -> Blueprint:
    pages = Blueprint("media", __name__, template_folder="templates")
    views = _Pages(shelf)

    def set_up(state: BlueprintSetupState) -> None:
        state.app.extensions["uploads"] = received

    pages.record_once(set_up)
    pages.add_url_rule(uploads.PATH, "listing", views.listing)
    pages.add_url_rule(uploads.PATH, "attach", views.attach, methods=["POST"])
    pages.add_url_rule("/media/new", "new", views.new)
    pages.add_url_rule("/media/<public_id>", "file", views.file)
    pages.add_url_rule("/media/<public_id>/preview", "preview", views.preview)
    pages.add_url_rule("/media/<public_id>/original", "original", views.original)
    return pages


class _Pages:
    """One method a page."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def new(self) -> ResponseReturnValue:
        note = request.args.get("note", "")[: forms.NOTE_CHARS_MAX]
        return _form({"about": forms.read_about(request.args.get("about", "")) or "", "note": note})

    def attach(self) -> ResponseReturnValue:
        fields = request.form.to_dict()
        try:
            said = forms.read(fields)
            draft, name = _uploaded()
            receipt = service.attach(current_desk(), self._shelf, draft, said, name)
        except FormRefusal as refusal:
            return _form(fields, refusal.problems), 422
        except StoreFullError:
            return _form(fields, trouble="disk_full"), 507
        except StoreFailedError:
            return _form(fields, trouble="disk_failed"), 503
        already = 1 if receipt.repeated else None
        return redirect(url_for("media.file", public_id=receipt.public_id, already=already), 303)

    def listing(self) -> ResponseReturnValue:
        desk = current_desk()
        about = forms.read_about(request.args.get("about", ""))
        number = min(max(1, request.args.get("page", 1, type=int)), _PAGE_MAX)
        return render_template(
            "media/list.html",
            page=service.newest(desk, self._shelf, about, number) if desk.can_read else None,
            bare=service.bare(desk, self._shelf) if about is None and number == 1 else (),
            about=about,
        )

    def file(self, public_id: str) -> ResponseReturnValue:
        found = self._found(public_id)
        looks = request.args.get("again", 0, type=int)
        return render_template(
            "media/file.html",
            found=found,
            waiting=found.stage is not Stage.HELD,
            already="already" in request.args,
            looks=looks,
            look_s=_LOOK_S if looks < _LOOKS_OFTEN else _LOOK_SELDOM_S,
        )

    def preview(self, public_id: str) -> ResponseReturnValue:
        known = self._found(public_id).known
        if known is None or not known.file.preview:
            abort(404)
        return Response(known.file.preview, mimetype="image/jpeg")

    def original(self, public_id: str) -> ResponseReturnValue:
        """The file itself, or a range of it (RFC 9110 section 14), only ever to be saved."""
        known = self._found(public_id).known
        if known is None:
            abort(404)
        file = known.file
        asked = request.range.range_for_length(file.size) if request.range else None
        start, end = asked or (0, file.size)
        try:
            pieces = self._shelf.media.read(file.sha256, start, end)
        except FileGoneError:
            abort(404)
        answer = Response(pieces, 206 if asked else 200, _CLOSED, mimetype=file.media_type)
        answer.content_length = end - start
        answer.accept_ranges = "bytes"
        answer.set_etag(file.sha256.hex())
        if asked:
            answer.content_range.set(start, end, file.size)
        name = file.name or known.public_id
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    def _found(self, public_id: str) -> Found:
        found = service.find(current_desk(), self._shelf, public_id)
        if found is None:
            abort(404)
        return found


def _uploaded() -> tuple[Draft, str | None]:
    """The one file of the form. Raises FormRefusal."""
    given = list(request.files.values())
    if len(given) != 1:
        raise FormRefusal({"file": Refusal("media.file_missing")})
    return cast(Draft, given[0].stream), forms.file_name(given[0].filename)


def _form(
    fields: Mapping[str, str],
    problems: Mapping[str, Refusal] | None = None,
    trouble: str | None = None,
) -> str:
    return render_template(
        "media/new.html",
        fields=fields,
        problems=problems or {},
        trouble=trouble,
        form_id=current_desk().new_id().hex(),
        most=forms.NOTE_CHARS_MAX,
        megabytes=uploads.UPLOAD_BYTES_MAX // 1024**2,
    )
