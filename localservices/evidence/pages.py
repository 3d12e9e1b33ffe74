"""The pages of evidence: give an item, and see how far it has come. None shows what was given."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices import uploads
from localservices.evidence import forms, service
from localservices.evidence.forms import Origin, Sort
from localservices.evidence.service import Attached, Cabinet
from localservices.refusal import FormRefusal, Refusal
from localservices.security import current_desk
from localservices.sniff import HEAD_BYTES, media_type
from localservices.text import clean
from sync.store.draft import Draft
from sync.store.errors import StoreFailedError, StoreFullError
from sync.wire.kinds.evidence import FILES_MAX

_NAME_CHARS_MAX = 120


def create_pages(cabinet: Cabinet) -> Blueprint:
    pages = Blueprint("evidence", __name__, template_folder="templates")
    views = _Pages(cabinet)
    pages.add_url_rule("/evidence/new", "new", views.new)
    pages.add_url_rule("/evidence", "save", views.save, methods=["POST"])
    pages.add_url_rule("/evidence/<public_id>", "one", views.one)
    return pages


class _Pages:
    """One method a page."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def new(self) -> ResponseReturnValue:
        return _form({})

    def save(self) -> ResponseReturnValue:
        fields = request.form.to_dict()
        try:
            said = forms.read(fields)
            receipt = service.give(current_desk(), self._cabinet, said, _attached())
        except FormRefusal as refusal:
            return _form(fields, refusal.problems), 422
        except StoreFullError:
            return _form(fields, trouble="disk_full"), 507
        except StoreFailedError:
            return _form(fields, trouble="disk_failed"), 503
        return redirect(url_for("evidence.one", public_id=receipt.public_id), 303)

    def one(self, public_id: str) -> ResponseReturnValue:
        found = service.stage(current_desk(), self._cabinet, public_id)
        if found is None:
            abort(404)
        held = found.journey is None or found.journey.held_ms is not None
        return render_template(
            "evidence/one.html",
            public_id=public_id,
            found=found,
            whole=held and not found.files_left,
        )


def _attached() -> list[Attached]:
    """Every file of the form; a browser sends a nameless empty one where none was chosen."""
    found = []
    for _, one in request.files.items(multi=True):
        draft = cast(Draft, one.stream)
        if not one.filename and not draft.size:
            continue
        draft.seek(0)
        kind = media_type(draft.read(HEAD_BYTES) or b"")
        name = clean((one.filename or "").replace("\\", "/").rpartition("/")[2])
        found.append(Attached(draft, kind, name[:_NAME_CHARS_MAX]))
    return found


def _form(
    fields: Mapping[str, str],
    problems: Mapping[str, Refusal] | None = None,
    trouble: str | None = None,
) -> str:
    return render_template(
        "evidence/new.html",
        fields=fields,
        problems=problems or {},
        trouble=trouble,
        form_id=fields.get("form_id") or current_desk().new_id().hex(),
        sorts=[one.value for one in Sort],
        origins=[one.value for one in Origin],
        text_most=forms.TEXT_CHARS_MAX,
        most=forms.SHORT_CHARS_MAX,
        files_most=FILES_MAX,
        megabytes=uploads.UPLOAD_BYTES_MAX // 1024**2,
    )
