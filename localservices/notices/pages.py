"""The page of central's words."""

from flask import Blueprint, render_template

from localservices import words
from localservices.security import current_desk, current_office


def create_pages() -> Blueprint:
    pages = Blueprint("notices", __name__, template_folder="templates")
    pages.add_url_rule("/notices", "listing", _listing)
    return pages


def _listing() -> str:
    office = current_office()
    found = words.newest(office.inbox) if current_desk().can_read else None
    return render_template("notices/list.html", words=found, count=office.inbox.count())
