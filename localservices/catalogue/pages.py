"""The page of what central sends to every node, the same as JSON, and its files for neighbours."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from flask import Blueprint, abort, jsonify, render_template, send_file
from flask.typing import ResponseReturnValue

from localservices.facts import CatalogueFacts


def create_pages(
    facts: Callable[[], CatalogueFacts | None], find: Callable[[str], Path | None] | None = None
) -> Blueprint:
    """``facts`` gives how it stands; None: this node follows no catalogue.

    ``find`` gives a file by central's name for it, to hand it on on the local network: anybody may
    have it, for its signatures tell. None: nothing is handed on.
    """
    pages = Blueprint("catalogue", __name__, template_folder="templates")

    def home() -> ResponseReturnValue:
        return render_template("catalogue/home.html", catalogue=facts())

    def api() -> ResponseReturnValue:
        now = facts()
        return jsonify(catalogue=None if now is None else asdict(now))

    def file(name: str) -> ResponseReturnValue:
        path = None if find is None else find(name)
        if path is None:
            abort(404)
        return send_file(path, "application/octet-stream", conditional=True, etag=False)

    pages.add_url_rule("/catalogue", "home", home)
    pages.add_url_rule("/api/catalogue", "api", api)
    pages.add_url_rule("/relay/1/catalogue/<path:name>", "file", file)
    return pages
