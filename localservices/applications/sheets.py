"""Forms in the hands of this request: read once, and filled in by the desk's clock and ids."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import g

from localservices import times
from localservices.applications.xforms import reading, showing
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.form import Form
from localservices.applications.xforms.scope import Device
from localservices.security import current_desk, current_office
from sync.wire.services import Service


def filling(offered: Service, kept: bytes | None) -> Filling:
    """``kept``: what is answered so far; None: nothing yet. Raises FormError."""
    form = _read(offered.form, tuple(sorted(offered.files.items())))
    begun = showing.begin(form, _device(), kept)
    begun.language = _language(form)
    return begun


def _language(form: Form) -> str:
    """The form's own that is the reader's, such as "English (en)"."""
    meant = [one for one in form.languages if f"({g.language})" in one or one == g.language]
    return meant[0] if meant else form.default_language


def _device() -> Device:
    office, desk = current_office(), current_desk()
    zone = ZoneInfo(office.time_zone)

    def now() -> datetime:
        return times.moment(desk.now_ms(), zone)

    def share() -> float:
        return int.from_bytes(desk.new_id()[:6], "big") / 2**48

    def new_id() -> str:
        text = desk.new_id().hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    return Device(now, new_id, share, {"username": desk.staff_name, "deviceid": office.node_name})


@lru_cache(64)
def _read(xml: bytes, files: tuple[tuple[str, bytes], ...]) -> Form:
    """Read once: a form never changes. Raises FormError."""
    return reading.read(xml, dict(files))
