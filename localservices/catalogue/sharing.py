"""Central's files for a neighbour without a link: anybody may have them, their signatures tell."""

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue


def create_pages(find: Callable[[str], Path | None]) -> Blueprint:
    """``find`` gives the file of that name; None: it is not here."""
    pages = Blueprint("neighbour", __name__)

    def file(name: str) -> ResponseReturnValue:
        path = find(name)
        if path is None:
            abort(404)
        return send_file(path, "application/octet-stream", conditional=True, etag=False)

    pages.add_url_rule("/relay/1/catalogue/<path:name>", "file", file)
    return pages
