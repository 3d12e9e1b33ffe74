"""Home, and the same facts as JSON for other programs."""

from dataclasses import asdict

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from localservices.security import current_office
from localservices.status import service


def create_pages() -> Blueprint:
    pages = Blueprint("status", __name__, template_folder="templates")
    pages.add_url_rule("/", "home", _home)
    pages.add_url_rule("/api/status", "api", _api)
    return pages


def _home() -> ResponseReturnValue:
    office = current_office()
    link, lanes, host = office.link(), service.lanes(office.store), office.host()
    return render_template(
        "status/home.html",
        link=link,
        lanes=lanes,
        host=host,
        summary=service.summary(link, lanes),
        troubles=[*link.troubles, *service.host_troubles(host)],
    )


def _api() -> ResponseReturnValue:
    """Counts and times only: nothing of a person."""
    office = current_office()
    host = office.host()
    return jsonify(
        node=office.store.node_id,
        now_ms=office.now_ms(),
        unlocked=office.working.is_open,
        link=asdict(office.link()),
        lanes={
            view.lane.name.lower(): {
                "written": view.written,
                "held": view.held,
                "backed_up": view.backed_up,
                "waiting": view.waiting,
            }
            for view in service.lanes(office.store)
        },
        host=None if host is None else asdict(host),
    )
