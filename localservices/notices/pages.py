"""The pages of central's words: answers for staff; alerts and news for everybody."""

import hashlib
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from localservices import words
from localservices.messages import LANGUAGES
from localservices.notices.board import Board
from localservices.office import Office
from localservices.security import current_desk, current_office
from sync.store.errors import StoreError
from sync.wire import cap
from sync.wire.kinds.alert import AlertAcknowledged, AlertIssued, AlertText

_LOOK_S = 30


def create_pages(office: Office) -> Blueprint:
    pages = Blueprint("notices", __name__, template_folder="templates")
    views = _Pages(Board(office.board, office.inbox, lambda: office.working.is_open), office)
    pages.add_url_rule("/notices", "listing", _listing)
    pages.add_url_rule("/news", "news", views.news)
    pages.add_url_rule("/news/alerts/<identifier>.xml", "cap", views.cap)
    pages.add_url_rule("/news/alerts/<identifier>", "seen", views.seen, methods=["POST"])
    pages.app_context_processor(views.banner)
    pages.app_template_global("alert_text")(alert_text)
    return pages


@dataclass(frozen=True, slots=True)
class _Pages:
    """One method a page."""

    board: Board
    office: Office

    def banner(self) -> dict[str, object]:
        """Alerts stand above every page, also above those for everybody."""
        return {"alerts": [one.alert for one in self.board.alerts(self.office.now_ms())]}

    def news(self) -> ResponseReturnValue:
        link = self.office.link()
        return render_template(
            "notices/news.html",
            posted=self.board.alerts(self.office.now_ms()),
            news=self.board.news(),
            link=link,
            look_s=_LOOK_S,
            done=request.args.get("done"),
            trouble=request.args.get("trouble"),
        )

    def cap(self, identifier: str) -> ResponseReturnValue:
        """The alert as a CAP 1.2 message, for the programs of others."""
        alert = self.board.alert(identifier)
        if alert is None:
            abort(404)
        return Response(cap.to_xml(alert), mimetype=cap.MEDIA_TYPE)

    def seen(self, identifier: str) -> ResponseReturnValue:
        """A member of staff has seen it: central is told, once a person."""
        desk = current_desk()
        if self.board.alert(identifier) is None:
            abort(404)
        said = AlertAcknowledged(identifier, desk.staff_name)
        once = hashlib.sha256(f"{identifier}\0{desk.staff_name}".encode()).digest()[:16]
        try:
            desk.store.write(said, once)
        except StoreError:
            return redirect(url_for("notices.news", trouble=1), 303)
        return redirect(url_for("notices.news", done=identifier), 303)


def alert_text(alert: AlertIssued) -> AlertText:
    """In the reader's language, or in the first that it has."""
    asked = (g.language, *LANGUAGES)
    by_language = {text.language: text for text in alert.texts}
    return next(by_language[one] for one in asked if one in by_language)


def _listing() -> str:
    office = current_office()
    found = words.newest(office.inbox) if current_desk().can_read else None
    return render_template("notices/list.html", words=found, count=office.inbox.count())
