"""Alerts as OASIS Common Alerting Protocol 1.2 (2010), written the same at node and central."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # it writes here, and reads nothing

from sync.wire.kinds.alert import (
    AREA_CHARS_MAX,
    HEADLINE_CHARS_MAX,
    POINTS_MAX,
    RADIUS_M_MAX,
    TEXT_CHARS_MAX,
    AlertArea,
    AlertIssued,
    AlertText,
)
from sync.wire.kinds.hazard import DEGREE_E5, is_point

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
MSG_TYPES = ("Alert", "Update", "Cancel")
LANGUAGES = ("uk", "en")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
STATUSES = ("Actual", "Exercise", "Test")
_NAME_CHARS_MAX = 120
_SECOND_MAX = (1 << 32) - 1


def is_sound(alert: AlertIssued) -> bool:
    """Whether it makes a valid message of the protocol (sections 3.2.1 to 3.2.4)."""
    follows = alert.msg_type != "Alert"
    languages = [text.language for text in alert.texts]
    return (
        _is_name(alert.identifier)
        and _is_name(alert.sender)
        and alert.msg_type in MSG_TYPES
        and alert.status in STATUSES
        and alert.urgency in URGENCIES
        and alert.severity in SEVERITIES
        and alert.certainty in CERTAINTIES
        and follows == (alert.references != "")
        and (not follows or _is_name(alert.references))
        and 0 <= alert.sent_s < alert.expires_s <= _SECOND_MAX
        and 0 <= alert.references_sent_s <= alert.sent_s
        and bool(languages)
        and len(set(languages)) == len(languages)
        and all(_is_text(text) for text in alert.texts)
        and _is_area(alert.area)
    )


def to_xml(alert: AlertIssued) -> bytes:
    """One ``info`` a language, the whole in the order of the schema."""
    root = ET.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", moment(alert.sent_s))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _add(root, "scope", "Public")
    if alert.references:
        sent = moment(alert.references_sent_s)
        _add(root, "references", f"{alert.sender},{alert.references},{sent}")
    for text in alert.texts:
        _info(root, alert, text)
    written: bytes = ET.tostring(root, "UTF-8", xml_declaration=True)
    return written


def moment(at_s: int) -> str:
    """As section 3.2.1 asks: with an offset, and never Z."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _info(root: ET.Element, alert: AlertIssued, text: AlertText) -> None:
    info = ET.SubElement(root, "info")
    _add(info, "language", text.language)
    _add(info, "category", "Safety")
    _add(info, "event", text.event)
    _add(info, "urgency", alert.urgency)
    _add(info, "severity", alert.severity)
    _add(info, "certainty", alert.certainty)
    _add(info, "expires", moment(alert.expires_s))
    _add(info, "headline", text.headline)
    for name in ("description", "instruction"):
        if said := getattr(text, name):
            _add(info, name, said)
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", alert.area.words)
    if alert.area.polygon:
        corners = _points(alert.area.polygon)
        _add(area, "polygon", " ".join([*corners, corners[0]]))
    if alert.area.circle:
        lat_e5, lon_e5, radius_m = alert.area.circle
        _add(area, "circle", f"{_points((lat_e5, lon_e5))[0]} {radius_m / 1000:g}")


def _points(values: Sequence[int]) -> list[str]:
    pairs = zip(values[::2], values[1::2], strict=True)
    return [f"{lat / DEGREE_E5:.5f},{lon / DEGREE_E5:.5f}" for lat, lon in pairs]


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _NAME_CHARS_MAX and not set(name) & set(" ,<&") and name.isprintable()


def _is_text(text: AlertText) -> bool:
    long = (text.description, text.instruction)
    said = (text.event, text.headline, *long)
    return (
        text.language in LANGUAGES
        and all(0 < len(one) <= HEADLINE_CHARS_MAX for one in said[:2])
        and all(len(one) <= TEXT_CHARS_MAX for one in long)
        and all(_is_xml(one) for one in said)
    )


def _is_area(area: AlertArea) -> bool:
    corners = list(zip(area.polygon[::2], area.polygon[1::2], strict=False))
    return (
        0 < len(area.words) <= AREA_CHARS_MAX
        and _is_xml(area.words)
        and len(area.polygon) % 2 == 0
        and (not corners or 3 <= len(corners) <= POINTS_MAX)
        and all(is_point(lat, lon) for lat, lon in corners)
        and len(area.circle) in (0, 3)
        and (not area.circle or is_point(*area.circle[:2]))
        and (not area.circle or 0 <= area.circle[2] <= RADIUS_M_MAX)
    )


def _is_xml(text: str) -> bool:
    """XML 1.0 has no other control characters, no halves of pairs and no non-characters."""
    return all(
        char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char not in "\ufffe\uffff"
        for char in text
    )
