"""What every template can say: sentences, times, spans and sizes in the reader's language."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import Flask, g, request

from localservices import times
from localservices.messages import LANGUAGES, Messages
from localservices.refusal import Refusal
from localservices.security import current_desk, current_office, current_seat

# The order of the menu. A slice that is not in this house is not shown.
_MENU = (
    "status.home",
    "registration.new",
    "registration.listing",
    "media.listing",
    "notices.listing",
    "verification.new",
    "devices.listing",
    "catalogue.home",
)
_SHOWN_UNDER = {
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
}
_GIB = 1024**3
_MIB = 1024**2


def add(app: Flask, messages: Messages, zone: ZoneInfo) -> None:
    """Give the templates of ``app`` their words."""

    def t(key: str, **facts: object) -> str:
        return messages.sentence(g.language, key, **facts)

    def refused(refusal: Refusal) -> str:
        return t(refusal.code, **refusal.facts)

    def when(at_ms: int) -> str:
        return times.time_text(times.moment(at_ms, zone), g.language)

    def ago(at_ms: int) -> str:
        unit, count = times.span(current_office().now_ms() - at_ms)
        return t(f"frame.ago.{unit}", count=count)

    def day(of: date) -> str:
        return times.day_text(of, g.language)

    app.jinja_env.filters |= {"when": when, "ago": ago, "day": day, "gigabytes": _gigabytes}
    app.jinja_env.filters |= {"megabytes": _megabytes, "pieces": _thousands, "decimal": _decimal}
    app.jinja_env.globals["has_page"] = app.view_functions.__contains__
    app.jinja_env.globals |= {"t": t, "refused": refused, "has_sentence": messages.has}

    @app.context_processor
    def frame() -> dict[str, object]:
        return {
            "language": g.language,
            "other_language": next(other for other in LANGUAGES if other != g.language),
            "seat": current_seat(),
            "node_name": current_office().node_name,
            "menu": [endpoint for endpoint in _MENU if endpoint in app.view_functions],
            "here": _SHOWN_UNDER.get(request.endpoint or "", request.endpoint),
            "can_read": current_seat() is not None and current_desk().can_read,
        }


def _gigabytes(size: int) -> str:
    return _decimal(f"{size / _GIB:.1f}")


def _megabytes(size: int) -> str:
    return _decimal(f"{size / _MIB:.1f}") if size < 10 * _MIB else _thousands(size // _MIB)


def _decimal(text: str) -> str:
    return text.replace(".", ",") if g.language == "uk" else text


def _thousands(count: int) -> str:
    text = f"{count:,}"
    return text.replace(",", "\u00a0") if g.language == "uk" else text
