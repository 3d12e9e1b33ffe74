"""The page of what central sends to every node, and the same facts as JSON."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from localservices.facts import CatalogueFacts


def create_pages(facts: Callable[[], CatalogueFacts | None]) -> Blueprint:
    """``facts`` gives how it stands; None: this node follows no catalogue."""
    pages = Blueprint("catalogue", __name__, template_folder="templates")

    def home() -> ResponseReturnValue:
        return render_template("catalogue/home.html", catalogue=facts())

    def api() -> ResponseReturnValue:
        now = facts()
        return jsonify(catalogue=None if now is None else asdict(now))

    pages.add_url_rule("/catalogue", "home", home)
    pages.add_url_rule("/api/catalogue", "api", api)
    return pages
