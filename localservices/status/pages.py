"""Home, and the same facts as JSON for other programs."""

from dataclasses import asdict

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from localservices.security import current_office
from localservices.status import ledger, service


def create_pages() -> Blueprint:
    pages = Blueprint("status", __name__, template_folder="templates")
    pages.add_url_rule("/", "home", _home)
    pages.add_url_rule("/ledger", "ledger", _ledger)
    pages.add_url_rule("/api/status", "api", _api)
    return pages


def _home() -> ResponseReturnValue:
    office = current_office()
    progress, link, host = office.progress(), office.link(), office.host()
    lanes = service.lanes(office.store, progress)
    budget = ["over_budget"] if service.over_budget(progress) else []
    return render_template(
        "status/home.html",
        link=link,
        lanes=lanes,
        host=host,
        progress=progress,
        left=None if progress.seconds_left is None else service.span(progress.seconds_left),
        summary=service.summary(link, lanes),
        troubles=[*link.troubles, *budget, *service.host_troubles(host)],
    )


def _api() -> ResponseReturnValue:
    """Counts and times only: nothing of a person."""
    office = current_office()
    host, progress = office.host(), office.progress()
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
                "sent": view.sent,
                "bytes_left": view.bytes_left,
            }
            for view in service.lanes(office.store, progress)
        },
        progress={
            "goodput": progress.goodput,
            "seconds_left": progress.seconds_left,
            "today_bytes": progress.today_bytes,
            "budget_bytes": progress.budget_bytes,
        },
        host=None if host is None else asdict(host),
    )


def _ledger() -> ResponseReturnValue:
    """What was captured here, and what central holds of it: to be read out over a telephone."""
    office = current_office()
    progress = office.progress()
    accounts = ledger.accounts(office.store, progress)
    return render_template(
        "status/ledger.html",
        accounts=accounts,
        whole=all(account.is_whole for account in accounts),
        missing=ledger.missing(office.store, progress),
        most=ledger.LISTED_MAX,
        link=office.link(),
    )
