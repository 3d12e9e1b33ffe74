"""Alerts as CAP 1.2: every sound one is a message that the standard's schema allows."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import cap
from sync.wire.kinds.alert import AlertArea, AlertIssued, AlertText
from sync.wire.kinds.hazard import LATITUDE_E5_MAX, LONGITUDE_E5_MAX

TEXT = AlertText("uk", "Міна", "Не ходіть до річки", "Біля мосту < & >", "Телефонуйте 101")
CIRCLE = AlertArea("Берег", (5_045_000, 3_052_000, 2_500))
ALERT = AlertIssued(
    "nezlam.1", "nezlam.central", 1_795_428_000, 1_795_514_400, "Alert", (TEXT,), CIRCLE
)

# The schema's own order (CAP-v1.2-os, the XML schema), what must be there marked with "!".
ORDER = {
    "alert": "identifier! sender! sent! status! msgType! source scope! restriction addresses code"
    " note references incidents info",
    "info": "language category! event! responseType urgency! severity! certainty! audience"
    " eventCode effective onset expires senderName headline description instruction web contact"
    " parameter resource area",
    "area": "areaDesc! polygon circle geocode altitude ceiling",
}
NUMBER = r"-?\d+(\.\d+)?"
SHAPES = {
    "identifier": r"[^\s,<&]+",
    "sender": r"[^\s,<&]+",
    "sent": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d",
    "expires": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d",
    "status": "Actual|Exercise|System|Test|Draft",
    "msgType": "Alert|Update|Cancel|Ack|Error",
    "scope": "Public|Restricted|Private",
    "category": "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other",
    "urgency": "Immediate|Expected|Future|Past|Unknown",
    "severity": "Extreme|Severe|Moderate|Minor|Unknown",
    "certainty": "Observed|Likely|Possible|Unlikely|Unknown",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "references": r"[^\s,]+,[^\s,]+,[^\s,]+( [^\s,]+,[^\s,]+,[^\s,]+)*",
    "polygon": rf"{NUMBER},{NUMBER}( {NUMBER},{NUMBER}){{3,}}",
    "circle": rf"{NUMBER},{NUMBER} \d+(\.\d+)?",
}

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)
points = st.tuples(
    st.integers(-LATITUDE_E5_MAX, LATITUDE_E5_MAX), st.integers(-LONGITUDE_E5_MAX, LONGITUDE_E5_MAX)
)
polygons = st.lists(points, min_size=3, max_size=8).map(
    lambda corners: tuple(value for corner in corners for value in corner)
)
circles = st.tuples(points, st.integers(0, 1_000_000)).map(lambda one: (*one[0], one[1]))
areas = st.builds(AlertArea, words, st.just(()) | circles, st.just(()) | polygons)
texts = st.builds(AlertText, st.sampled_from(cap.LANGUAGES), words, words, words, words)
alerts = st.builds(
    AlertIssued,
    st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True),
    st.just("nezlam.central"),
    st.integers(0, 2**31),
    st.just(2**31 + 1),
    st.just("Alert"),
    st.lists(texts, min_size=1, max_size=2).map(tuple),
    areas,
)


def checked(element: ET.Element) -> None:
    """By the schema's rules: order, what must be there, and the form of each value."""
    name = element.tag.rpartition("}")[2]
    assert element.tag == f"{{{cap.NAMESPACE}}}{name}"
    if name not in ORDER:
        assert len(element) == 0
        assert re.fullmatch(SHAPES.get(name, r"(?s).+"), element.text or ""), (name, element.text)
        return
    known = ORDER[name].replace("!", "").split()
    children = [child.tag.rpartition("}")[2] for child in element]
    assert [known.index(child) for child in children] == sorted(map(known.index, children))
    must = {one[:-1] for one in ORDER[name].split() if one.endswith("!")}
    assert must <= set(children)
    single = set(children) - {"info", "category", "area", "polygon", "circle"}
    assert all(children.count(one) == 1 for one in single)
    for child in element:
        checked(child)


@given(alerts.filter(cap.is_sound))
def test_every_sound_alert_is_valid_cap(alert: AlertIssued) -> None:
    root = ET.fromstring(cap.to_xml(alert))
    checked(root)
    spaces = {"cap": cap.NAMESPACE}
    for polygon in root.iterfind(".//cap:polygon", spaces):
        corners = (polygon.text or "").split()
        assert corners[0] == corners[-1]


def test_an_alert_keeps_its_words_and_names_what_it_follows() -> None:
    update = replace(
        ALERT, msg_type="Update", references="nezlam.0", references_sent_s=1_795_420_000
    )
    root = ET.fromstring(cap.to_xml(update))
    found = {one.tag.rpartition("}")[2]: one.text for one in root.iter()}
    assert found["references"] == "nezlam.central,nezlam.0,2026-11-23T07:46:40-00:00"
    assert found["description"] == "Біля мосту < & >"
    assert found["circle"] == "50.45000,30.52000 2.5"
    assert found["sent"] == "2026-11-23T10:00:00-00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"identifier": "two words"},
        {"identifier": "a,b"},
        {"identifier": ""},
        {"sender": "<x>"},
        {"msg_type": "Ack"},
        {"msg_type": "Update"},  # of what?
        {"references": "nezlam.0"},  # an Alert follows nothing
        {"status": "Draft"},
        {"expires_s": ALERT.sent_s},
        {"sent_s": -1},
        {"texts": ()},
        {"texts": (TEXT, TEXT)},
        {"texts": (replace(TEXT, headline=""),)},
        {"texts": (replace(TEXT, description="\0"),)},
        {"area": AlertArea("")},
        {"area": AlertArea("x", (1, 2))},
        {"area": AlertArea("x", (9_000_001, 0, 1))},
        {"area": AlertArea("x", (), (0, 0, 1, 1))},
        {"area": AlertArea("x", (), (0, 0, 1, 1, 2))},
    ],
)
def test_what_the_standard_does_not_allow_is_not_sound(change: dict[str, Any]) -> None:
    assert cap.is_sound(ALERT)
    assert not cap.is_sound(replace(ALERT, **change))
