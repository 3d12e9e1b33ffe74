"""The page of hazards and alerts: what was reported, how it stands, and what centres are told.

As on a node's page, only behind a passphrase can anything be said here.
"""

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from central import alert_making
from central.errors import LogRefusedError
from central.ops import node_words
from central.ops.hazard_words import WORDS
from central.ops.nodes import FORM_BYTES_MAX, Desk
from central.ops.words import LANGUAGES, chosen_language
from central.ops.words import WORDS as USUAL
from central.store import alerts, hazards
from central.store.database import Database
from central.store.hazards import Hazard
from sync.wire import cap, earth
from sync.wire.earth import Point
from sync.wire.kinds.alert import AlertArea, AlertIssued, AlertText
from sync.wire.kinds.hazard import Standing

ALERT_HOURS = 24
RADIUS_M = 500  # around a hazard, beyond what its report says of its accuracy
MAP_PX = 320
_FORMS = "hazards"
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


class _Pages:
    """One method a page."""

    def __init__(self, database: Database, desk: Desk, moment: Callable[[int | None], str]) -> None:
        self._database, self._desk, self._moment = database, desk, moment

    def listing(self) -> ResponseReturnValue:
        return self._page(None)

    def act(self, ref: str) -> ResponseReturnValue:
        """Say how a hazard stands, or turn it into an alert."""
        self._check()
        with self._database.writing() as connection:
            one = hazards.find(connection, _ref(ref))
            if one is None:
                abort(404)
            what, now_ms = request.form.get("what", ""), self._desk.now_ms()
            if what in list(Standing):
                hazards.settle(connection, one, Standing(what), _by(), now_ms)
            elif what == "alert" and one.point is not None:
                alerts.issue(connection, _alert_of(one, now_ms), self._desk.nodes(), now_ms)
            else:
                abort(400)
        return redirect(url_for("hazards.listing", lang=chosen_language()), 303)

    def end(self, identifier: str) -> ResponseReturnValue:
        """Cancel an alert."""
        self._check()
        now_ms = self._desk.now_ms()
        try:
            with self._database.writing() as connection:
                before = alerts.find(connection, identifier)
                if before is None:
                    abort(404)
                fresh = alert_making.new_alert(before.alert.texts, before.alert.area, 1, now_ms)
                fresh = alert_making.following(fresh, before, "Cancel")
                alerts.issue(connection, fresh, self._desk.nodes(), now_ms)
        except LogRefusedError:
            return self._page("ended"), 409
        return redirect(url_for("hazards.listing", lang=chosen_language()), 303)

    def give(self) -> ResponseReturnValue:
        """An alert from the form."""
        self._check()
        now_ms = self._desk.now_ms()
        said = {name: request.form.get(name, "").strip() for name in ("event", "headline", "text")}
        try:
            area = alert_making.read_area(
                request.form.get("area", "").strip(), request.form.get("circle", "").strip(), ""
            )
            text = AlertText(chosen_language(), said["event"], said["headline"], said["text"])
            fresh = alert_making.new_alert((text,), area, ALERT_HOURS, now_ms)
            with self._database.writing() as connection:
                alerts.issue(connection, fresh, self._desk.nodes(), now_ms)
        except (LogRefusedError, ValueError):
            return self._page("incomplete"), 400
        return redirect(url_for("hazards.listing", lang=chosen_language()), 303)

    def cap(self, identifier: str) -> ResponseReturnValue:
        with self._database.reading() as connection:
            found = alerts.cap_of(connection, identifier)
        if found is None:
            abort(404)
        return Response(found, mimetype=cap.MEDIA_TYPE)

    def _check(self) -> None:
        request.max_content_length = FORM_BYTES_MAX
        if not self._desk.may_send:
            abort(404)
        if not hmac.compare_digest(request.form.get("token", ""), self._desk.token(_FORMS)):
            abort(403)

    def _page(self, problem: str | None) -> Response:
        language = chosen_language()
        with self._database.reading() as connection:
            found, given = hazards.newest(connection), alerts.newest(connection)
        page = render_template(
            "hazards.html",
            found=found,
            marks=_marks(found),
            size=MAP_PX,
            given=given,
            problem=problem,
            form=request.form,
            standings=list(Standing),
            now_ms=self._desk.now_ms(),
            may_send=self._desk.may_send,
            token=self._desk.token(_FORMS),
            w=USUAL[language] | node_words.WORDS[language] | WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            moment=self._moment,
        )
        return Response(page, headers={"Content-Security-Policy": _POLICY})


def create_pages(database: Database, desk: Desk, moment: Callable[[int | None], str]) -> Blueprint:
    """``moment`` writes a time as people read it."""
    blueprint = Blueprint("hazards", __name__)
    pages = _Pages(database, desk, moment)
    blueprint.add_url_rule("/hazards", "listing", pages.listing)
    blueprint.add_url_rule("/hazards/<ref>", "act", pages.act, methods=["POST"])
    blueprint.add_url_rule("/alerts", "give", pages.give, methods=["POST"])
    blueprint.add_url_rule("/alerts/<identifier>.xml", "cap", pages.cap)
    blueprint.add_url_rule("/alerts/<identifier>", "end", pages.end, methods=["POST"])
    return blueprint


def _ref(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        abort(404)


def _by() -> str:
    who = request.authorization.username if request.authorization is not None else None
    return (who or "central")[:80]


def _alert_of(one: Hazard, now_ms: int) -> AlertIssued:
    """In both languages, around its point."""
    assert one.report.lat_e5 is not None
    assert one.report.lon_e5 is not None
    radius_m = RADIUS_M + (one.report.accuracy_m or 0)
    words = one.report.landmark or one.code
    area = AlertArea(words, (one.report.lat_e5, one.report.lon_e5, radius_m))
    texts = tuple(
        AlertText(
            language,
            said[f"device_{one.report.device}"],
            said["alert_headline"],
            instruction=said["alert_instruction"],
        )
        for language, said in WORDS.items()
    )
    return alert_making.new_alert(texts, area, ALERT_HOURS, now_ms)


def _marks(found: list[Hazard]) -> list[tuple[float, float, int]]:
    """(x, y, number in the list), fitted into the square; north is up."""
    placed = [(number, one.point) for number, one in enumerate(found, 1) if one.point is not None]
    if not placed:
        return []
    lats, lons = [one.lat for _, one in placed], [one.lon for _, one in placed]
    middle = Point((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
    away = [(number, *earth.offset_m(middle, one)) for number, one in placed]
    reach_m = max(50.0, *(max(abs(east), abs(north)) for _, east, north in away))
    scale = MAP_PX / 2 / (1.2 * reach_m)
    half = MAP_PX / 2
    return [(half + east * scale, half - north * scale, number) for number, east, north in away]
