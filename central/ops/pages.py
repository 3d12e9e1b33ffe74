"""The operations page and its JSON. No scripts, no assets of others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from central.errors import LogError
from central.ops import (
    collisions,
    door,
    doubles,
    evidence,
    hazard_words,
    hazards,
    nodes,
    queries,
)
from central.ops.queries import NodeView, Overview
from central.ops.words import LANGUAGES, WORDS, chosen_language
from central.store.database import Database

QUIET_MS = 20 * 60_000  # a node says hello every quarter of an hour
PLOT_HEIGHT = 40

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What the page reads. Everything may be called from any thread."""

    database: Database
    nodes: Callable[[], frozenset[str]]  # of the fleet list
    now_ms: Callable[[], int]
    trouble: Callable[[], str | None]  # why nothing is stored at the moment
    road: Callable[[], str | None]  # why central itself does not reach its broker
    time_zone: ZoneInfo
    passphrase: str | None = None  # None: only this machine may look


class _Pages:
    """One method a page."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources

    def home(self) -> ResponseReturnValue:
        sources, language = self._from, chosen_language()
        now_ms = sources.now_ms()
        return render_template(
            "ops.html",
            found=self._overview(now_ms),
            now_ms=now_ms,
            trouble=sources.trouble(),
            road=sources.road(),
            w=WORDS[language] | hazard_words.WORDS[language] | doubles.WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            bars=_bars,
            state=lambda node: _state(node, now_ms),
            moment=lambda ms: _moment(ms, sources.time_zone),
        )

    def fleet(self) -> ResponseReturnValue:
        now_ms = self._from.now_ms()
        found = self._overview(now_ms)
        return jsonify(
            now_ms=now_ms,
            trouble=self._from.trouble(),
            road=self._from.road(),
            households=found.households,
            collisions=found.collisions,
            per_minute=found.per_minute,
            nodes=[_plain(node, now_ms) for node in found.nodes],
        )

    def count(self) -> ResponseReturnValue:
        return jsonify(count=queries.household_count(self._from.database))

    def _overview(self, now_ms: int) -> Overview:
        return queries.overview(self._from.database, self._from.nodes(), now_ms)


def create_app(sources: Sources) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 0  # but where a page says otherwise
    door.guard(app, sources.passphrase)
    pages = _Pages(sources)
    app.add_url_rule("/", "home", pages.home)
    app.add_url_rule("/api/fleet", "fleet", pages.fleet)
    app.add_url_rule("/api/households/count", "count", pages.count)

    def moment(ms: int | None) -> str:
        return _moment(ms, sources.time_zone)

    app.register_blueprint(evidence.create_pages(sources.database, moment))
    app.register_blueprint(collisions.create_pages(sources.database, moment))
    app.register_blueprint(doubles.create_pages(sources.database, moment))
    desk = nodes.Desk(sources.nodes, sources.now_ms, may_send=sources.passphrase is not None)
    app.register_blueprint(nodes.create_pages(sources.database, desk, moment))
    app.register_blueprint(hazards.create_pages(sources.database, desk, moment))
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok\n", mimetype="text/plain"))
    app.register_error_handler(LogError, lambda error: (f"{error}\n", 503))
    app.after_request(_add_headers)
    return app


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _state(node: NodeView, now_ms: int) -> str:
    if node.last_seen_ms is None:
        return "never"
    if node.is_up is False:
        return "dark"
    return "up" if now_ms - node.last_seen_ms < QUIET_MS else "quiet"


def _moment(ms: int | None, zone: ZoneInfo) -> str:
    if ms is None:
        return "–"
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%d.%m.%Y %H:%M:%S")


def _bars(counts: list[int]) -> list[tuple[int, int]]:
    """Give (place, height) of each bar, the tallest ``PLOT_HEIGHT`` high."""
    most = max([*counts, 1])
    return [
        (place, max(1, count * PLOT_HEIGHT // most)) for place, count in enumerate(counts) if count
    ]


def _plain(node: NodeView, now_ms: int) -> dict[str, object]:
    told = node.health
    return {
        "node": node.node_id,
        "state": _state(node, now_ms),
        "last_seen_ms": node.last_seen_ms,
        "told_at_ms": node.told_at_ms,
        "records": node.records,
        "households": node.households,
        "quarantined": node.quarantined,
        "alerts": node.alerts,
        "lanes": {
            lane.name.lower(): {
                "held": view.held,
                "backed_up": view.backed_up,
                "waiting": view.waiting,
            }
            for lane, view in node.lanes.items()
        },
        "health_at_ms": node.health_at_ms,
        "disk_free_bytes": told and told.disk_free_bytes,
        "disk_total_bytes": told and told.disk_total_bytes,
        "memory_used_bytes": told and told.memory_used_bytes,
        "memory_total_bytes": told and told.memory_total_bytes,
        "temperature_c": told and told.temperature_c,
        "version": told and told.version,
    }
