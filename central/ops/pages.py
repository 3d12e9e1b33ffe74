"""The operations page and its JSON. Read only; no scripts, no assets of others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from central.errors import LogError
from central.ops import queries
from central.ops.queries import NodeView
from central.ops.words import LANGUAGES, WORDS
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
    time_zone: ZoneInfo


def create_app(sources: Sources) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 0  # nothing is ever sent here

    def home() -> ResponseReturnValue:
        language = _language()
        found = queries.overview(sources.database, sources.nodes(), sources.now_ms())
        return render_template(
            "ops.html",
            found=found,
            now_ms=sources.now_ms(),
            trouble=sources.trouble(),
            w=WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            bars=_bars(found.per_minute),
            state=lambda node: _state(node, sources.now_ms()),
            moment=lambda ms: _moment(ms, sources.time_zone),
        )

    def fleet() -> ResponseReturnValue:
        found = queries.overview(sources.database, sources.nodes(), sources.now_ms())
        return jsonify(
            now_ms=sources.now_ms(),
            trouble=sources.trouble(),
            households=found.households,
            per_minute=found.per_minute,
            nodes=[_plain(node, sources.now_ms()) for node in found.nodes],
        )

    def count() -> ResponseReturnValue:
        return jsonify(count=queries.household_count(sources.database))

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/api/fleet", "fleet", fleet)
    app.add_url_rule("/api/households/count", "count", count)
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok\n", mimetype="text/plain"))
    app.register_error_handler(LogError, lambda error: (f"{error}\n", 503))
    app.after_request(_add_headers)
    return app


def _add_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _language() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


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
