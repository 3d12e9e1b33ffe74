"""What every template can say: sentences, times, spans and sizes in the reader's language."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from flask import Flask, g, request
from flask_babel import Babel, format_decimal, get_locale

from localservices import times
from localservices.messages import LANGUAGES, Messages
from localservices.refusal import Refusal
from localservices.security import current_desk, current_office, current_seat
from localservices.strip import Strip, strip

# The order of the menu. A slice that is not in this house is not shown.
_MENU = (
    "status.home",
    "registration.new",
    "registration.listing",
    "applications.services",
    "media.listing",
    "hazards.listing",
    "evidence.new",
    "notices.listing",
    "notices.news",
    "verification.new",
    "devices.listing",
    "catalogue.home",
)
_SHOWN_UNDER = {
    "applications.service": "applications.services",
    "applications.fill": "applications.services",
    "applications.go_on": "applications.services",
    "applications.listing": "applications.services",
    "applications.search": "applications.services",
    "applications.application": "applications.services",
    "registration.edit": "registration.new",
    "registration.register": "registration.new",
    "registration.search": "registration.listing",
    "verification.check": "verification.new",
    "verification.typed": "verification.new",
    "verification.look": "verification.new",
    "verification.many": "verification.new",
    "verification.next_one": "verification.new",
    "verification.history": "verification.new",
    "devices.add": "devices.listing",
    "devices.revoke": "devices.listing",
    "media.new": "media.listing",
    "media.attach": "media.listing",
    "evidence.save": "evidence.new",
    "hazards.new": "hazards.listing",
    "hazards.edit": "hazards.listing",
    "hazards.save": "hazards.listing",
    "hazards.one": "hazards.listing",
    "hazards.tell": "hazards.listing",
}
_GIB = 1024**3
_MIB = 1024**2


def add(app: Flask, messages: Messages, zone: ZoneInfo) -> None:
    """Give the templates of ``app`` their words."""
    Babel(app, locale_selector=lambda: g.language)
    app.extensions["messages"] = messages  # for papers, which speak several languages at once

    def t(key: str, **facts: object) -> str:
        return messages.sentence(g.language, key, **facts)

    def refused(refusal: Refusal) -> str:
        return t(refusal.code, **refusal.facts)

    def when(at_ms: int) -> str:
        return times.time_text(times.moment(at_ms, zone), g.language)

    def ago(at_ms: int) -> str:
        passed = timedelta(milliseconds=min(0, at_ms - current_office().now_ms()))
        return format_timedelta(
            passed, threshold=1, add_direction=True, format="short", locale=get_locale()
        )

    def day(of: date) -> str:
        return times.day_text(of, g.language)

    app.jinja_env.filters |= {"when": when, "ago": ago, "day": day, "gigabytes": _gigabytes}
    app.jinja_env.filters |= {"megabytes": _megabytes, "number": format_decimal}
    app.jinja_env.globals["has_page"] = app.view_functions.__contains__
    app.jinja_env.globals["has_file"] = lambda name: Path(app.static_folder or "", name).is_file()
    app.jinja_env.globals |= {"t": t, "refused": refused, "has_sentence": messages.has}
    app.context_processor(_frame_of(app))


def _frame_of(app: Flask) -> Callable[[], dict[str, object]]:
    """What base.html says on every page."""

    def frame() -> dict[str, object]:
        return {
            "language": g.language,
            "direction": get_locale().text_direction,
            "other_language": next(other for other in LANGUAGES if other != g.language),
            "seat": current_seat(),
            "node_name": current_office().node_name,
            "menu": [endpoint for endpoint in _MENU if endpoint in app.view_functions],
            "here": _SHOWN_UNDER.get(request.endpoint or "", request.endpoint),
            "can_read": current_seat() is not None and current_desk().can_read,
            "strip": _strip() if current_seat() is not None else None,
        }

    return frame


def _strip() -> Strip:
    office = current_office()
    return strip(office.store, office.link(), office.progress())


def _gigabytes(size: int) -> str:
    return str(format_decimal(size / _GIB, "#,##0.0"))


def _megabytes(size: int) -> str:
    return str(format_decimal(size / _MIB, "#,##0.0" if size < 10 * _MIB else "#,##0"))
