"""Alerts as operations make them, on the page and by command: where they hold, what they follow."""

import math
import secrets

from central.errors import LogRefusedError
from central.store.alerts import Given
from sync.wire.kinds.alert import AlertArea, AlertIssued, AlertText
from sync.wire.kinds.hazard import DEGREE_E5

SENDER = "nezlam.central"


def new_alert(
    texts: tuple[AlertText, ...], area: AlertArea, hours: int, now_ms: int
) -> AlertIssued:
    """A first message; its identifier is drawn."""
    sent_s = now_ms // 1000
    name = f"{SENDER}.{sent_s}.{secrets.token_hex(4)}"
    return AlertIssued(name, SENDER, sent_s, sent_s + hours * 3600, "Alert", texts, area)


def following(fresh: AlertIssued, before: Given | None, msg_type: str) -> AlertIssued:
    """The same as an Update or a Cancel. Raises LogRefusedError: there is none to follow."""
    if before is None:
        raise LogRefusedError("Central gave out no such alert: check the identifier.")
    first = before.alert
    said = {name: getattr(fresh, name) for name in AlertIssued.__slots__}
    follows = {"references": first.identifier, "references_sent_s": first.sent_s}
    return AlertIssued(**said | follows | {"msg_type": msg_type})


def read_area(words: str, circle: str, polygon: str) -> AlertArea:
    """What was typed: LAT,LON,KM and LAT,LON LAT,LON... each may be empty. Raises ValueError."""
    parts = [float(one) for one in circle.split(",")] if circle else []
    corners = [float(one) for one in polygon.replace(",", " ").split()]
    if not all(map(math.isfinite, [*parts, *corners])):
        raise ValueError("not numbers of a place")
    units = (DEGREE_E5, DEGREE_E5, 1000)  # kilometres to metres
    around = tuple(round(a * b) for a, b in zip(parts, units, strict=bool(parts)))
    return AlertArea(words, around, tuple(round(one * DEGREE_E5) for one in corners))
