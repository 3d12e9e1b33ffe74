"""The page of phones: add one, show its settings as a QR code, take its right away."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from localservices.applications.openrosa import service
from localservices.refusal import Refusal
from localservices.security import current_desk, current_office
from sync.store.devices import Devices
from sync.store.keys import Role


def create_pages(devices: Devices) -> Blueprint:
    pages = Blueprint("devices", __name__, template_folder="templates")
    views = _Pages(devices)
    pages.add_url_rule("/phones", "listing", views.listing)
    pages.add_url_rule("/phones", "add", views.add, methods=["POST"])
    pages.add_url_rule("/phones/<username>/revoke", "revoke", views.revoke, methods=["POST"])
    return pages


class _Pages:
    """One method a page."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def listing(self) -> ResponseReturnValue:
        return self._list({"address": _own_address()}, {})

    def add(self) -> ResponseReturnValue:
        fields = request.form.to_dict()
        if current_desk().role is not Role.STAFF:
            return self._list(fields, {}), 403
        address = fields.get("address", "").strip().rstrip("/")
        problem = _problem(address)
        if problem is not None:
            return self._list(fields, {"address": problem}), 422
        desk, office = current_desk(), current_office()
        try:
            name = fields.get("name", "")
            hired = service.hire(self._devices, name, desk.now_ms(), desk.new_id)
        except Refusal as refusal:
            return self._list(fields, {"name": refusal}), 422
        code = segno.make(service.settings(hired, address, office.node_name), micro=False)
        picture = Markup(code.svg_inline(border=4, omitsize=True))  # noqa: S704  drawn by us
        return render_template("openrosa/added.html", hired=hired, address=address, picture=picture)

    def revoke(self, username: str) -> ResponseReturnValue:
        if current_desk().role is not Role.STAFF:
            return self._list({}, {}), 403
        self._devices.revoke(username, current_desk().now_ms())
        return redirect(url_for("devices.listing"), 303)

    def _list(self, fields: dict[str, Any], problems: dict[str, Refusal]) -> str:
        return render_template(
            "openrosa/devices.html",
            devices=self._devices.all(),
            fields=fields,
            problems=problems,
            may=current_desk().role is Role.STAFF,
        )


def _own_address() -> str:
    """Where phones find this node: as this browser did, unless that is this machine's own name."""
    address = f"http://{request.host}"
    return address if _problem(address) is None else ""


def _problem(address: str) -> Refusal | None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return Refusal("openrosa.address_wrong")
    if parts.scheme != "http" or not host or parts.path or parts.query or "@" in parts.netloc:
        return Refusal("openrosa.address_wrong")
    try:
        is_own = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_own = host == "localhost"
    return Refusal("openrosa.address_own") if is_own else None
