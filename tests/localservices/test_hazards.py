"""Hazards at a node: reported in a minute, first on the way, linked, and shown with their age."""

import json
import random
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from localservices.hazards import forms, pages
from localservices.hazards.drawing import SIZE_PX, SPANS_M, View
from localservices.refusal import FormRefusal
from sync.store.streams import Track
from sync.wire import earth, hazard_codes, short
from sync.wire.earth import Point
from sync.wire.kinds.hazard import LANDMARK_BYTES_MAX, HazardReported, is_sound
from sync.wire.lanes import DURABLE, Lane
from sync.wire.seal import OpeningRing, new_opening_key
from sync.wire.short import Short
from tests.builders import NODE_ID, Browser, Surroundings, an_office, hidden

CENTRE = Point(50.45, 30.52)
KEY, CENTRAL = Ed25519PrivateKey.generate(), new_opening_key()
HOUR_MS = 3_600_000


def a_brief(one: Short) -> bytes:
    return short.encode(NODE_ID, one, CENTRAL.public(), KEY)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def browser(tmp_path: Path, around: Surroundings) -> Browser:
    slices = [pages.create_pages(CENTRE, a_brief)]
    return Browser(an_office(tmp_path, around, slices)).set_up()


def send(browser: Browser, **fields: str) -> TestResponse:
    page = browser.get("/hazards/new")
    sent = {name: hidden(page, name) for name in ("csrf_token", "form_id")}
    return browser.client.post("/hazards", data=sent | fields, headers={"Accept-Language": "en"})


def saved(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


def code_on(page: str) -> str:
    found = re.search(r'class="code">([0-9A-Z-]{17})<', page)
    assert found is not None
    return found[1]


def test_type_and_place_are_enough_and_the_receipt_has_a_code(browser: Browser) -> None:
    where = saved(send(browser, device="uxo", at="50°27'00\"N 30°31'24\"E"))
    page = browser.get(where).text
    assert "50.45000, 30.52333" in page
    assert "does not have it yet. It goes first." in page
    ref = hazard_codes.read_code(code_on(page))
    [track] = [one for one in browser.office.store.tracks() if one.stream.lane is Lane.URGENT]
    assert ref == hazard_codes.ref_of(NODE_ID, track.stream, 1)
    assert code_on(page) in browser.get(f"/hazards?code={code_on(page).lower()}").text


def test_a_place_in_words_is_enough_and_its_end_follows_as_details(browser: Browser) -> None:
    words = "За мостом через річку, ліворуч від старої школи, біля третього стовпа"
    where = saved(send(browser, device="ap_mine", landmark=words))
    assert words in browser.get(where).text
    written = {lane: depth.written for lane, depth in browser.office.store.depths().items()}
    assert written == {Lane.URGENT: 1, Lane.PEOPLE: 0, Lane.WORK: 1, Lane.MEDIA: 0}


@given(st.text(max_size=300))
def test_any_words_are_cut_to_what_a_report_carries(words: str) -> None:
    encodable = words.encode(errors="ignore").decode()
    kept = forms.cut(encodable)
    assert encodable.startswith(kept)
    assert len(kept.encode()) <= LANDMARK_BYTES_MAX
    assert kept or not encodable


def test_what_is_missing_is_said_by_the_field_and_nothing_typed_is_lost(browser: Browser) -> None:
    answer = send(browser, device="", at="біля школи", landmark="стара школа", people_near="-3")
    assert answer.status_code == 422
    for said in ("Choose what it looks like", "cannot be read", "whole number", "стара школа"):
        assert said in answer.text
    assert "Say where it is" in send(browser, device="uxo").text
    assert browser.office.store.tracks() == []


def test_a_second_hit_on_the_same_place_is_a_linked_new_report(browser: Browser) -> None:
    """PAINS 35: shown before saving, chosen by a person, both kept."""
    first = saved(send(browser, device="uxo", at="50.45000, 30.52000"))
    code = code_on(browser.get(first).text)
    asked = send(browser, device="unknown", at="50.45050, 30.52000")  # 56 m north
    assert asked.status_code == 200
    assert "Something was reported near here" in asked.text
    assert code in asked.text
    ref = hazard_codes.read_code(code).hex()
    assert f'value="{ref}"' in asked.text
    second = saved(send(browser, device="unknown", at="50.45050, 30.52000", near_to=ref))
    assert second != first
    assert f'Adds to the report <a href="{first}">{code}</a>' in browser.get(second).text
    assert second in browser.get(first).text
    other = saved(send(browser, device="unknown", at="50.45050, 30.52000", near_to="other"))
    assert "Adds to the report" not in browser.get(other).text
    far = send(browser, device="unknown", at="50.45300, 30.52000")  # 300 m
    assert far.status_code == 303


def test_the_same_form_again_is_the_same_report(browser: Browser) -> None:
    page = browser.get("/hazards/new")
    sent = {name: hidden(page, name) for name in ("csrf_token", "form_id")}
    sent |= {"device": "uxo", "at": "50.4, 30.5", "near_to": "other"}
    first = browser.client.post("/hazards", data=sent).headers["Location"]
    assert browser.client.post("/hazards", data=sent).headers["Location"] == f"{first}?already=1"
    assert browser.office.store.depths()[Lane.URGENT].written == 1


def test_a_report_goes_before_media_and_all_else(browser: Browser) -> None:
    """PAINS 9: it is in the lane that the sender serves first, whatever waited before it."""
    where = saved(send(browser, device="uxo", at="50.4, 30.5"))
    assert where.split("-")[-2] == str(int(Lane.URGENT))
    assert min(DURABLE) is Lane.URGENT


def test_details_follow_and_are_shown(browser: Browser) -> None:
    where = saved(send(browser, device="uxo", at="50.4, 30.5"))
    sent = {"form_id": "ab" * 16, "looks": "Зелений, пів метра", "threat-school": "yes"}
    answer = browser.post(where, sent | {"reporter_phone": "050 123 45 67"}, seen_at=where)
    assert answer.status_code == 303
    page = browser.get(where).text
    for said in ("Зелений, пів метра", "School", "050 123 45 67"):
        assert said in page
    assert browser.post(where, {"form_id": "cd" * 16}, seen_at=where).status_code == 422
    assert browser.office.store.depths()[Lane.WORK].written == 1


def test_without_a_link_the_receipt_gives_the_text_for_an_sms(browser: Browser) -> None:
    where = saved(send(browser, device="uxo", at="50.4, 30.5", people_near="3"))
    found = re.search(r'class="brief">(NZL[^<]+)<', browser.get(where).text)
    assert found is not None
    data = short.from_text(found[1].replace("&#43;", "+"))
    node_id, said = short.decode(
        data, OpeningRing((CENTRAL,)), lambda _: [(NODE_ID, KEY.public_key())]
    )
    assert (node_id, said.report) == (
        NODE_ID,
        HazardReported("uxo", 5_040_000, 3_050_000, people_near=3),
    )
    store = browser.office.store
    store.note_acked([Track(store.tracks()[0].stream, 0, 1, 1, 0)], at_ms=1)
    page = browser.get(where).text
    assert "Central has this report." in page
    assert "NZL" not in page, "what central has needs no second road"


def test_the_map_and_the_list_tell_ages_distances_and_directions(
    browser: Browser, around: Surroundings
) -> None:
    saved(send(browser, device="ap_mine", at="50.46800, 30.52000"))  # 2 km north
    around.wait(30 * HOUR_MS)
    browser.sign_in()
    saved(send(browser, device="uxo", at="50.45000, 30.52700"))
    page = browser.get("/hazards").text
    assert "2000 m north" in page
    assert re.search(r"less than a week: 1 day ago", page)
    assert page.index("500 m east") < page.index("2000 m north"), "the nearest first"
    assert page.count('d="M0-9l9 16H-9z"') == 2
    assert browser.get("/hazards?span=500").text.count('d="M0-9l9 16H-9z"') == 0


def test_the_reports_leave_as_geojson(browser: Browser) -> None:
    saved(send(browser, device="uxo", at="50.45, 30.52"))
    saved(send(browser, device="ied", landmark="За мостом"))
    answer = browser.get("/hazards.geojson")
    assert answer.mimetype == "application/geo+json"
    found = json.loads(answer.data)
    assert found["type"] == "FeatureCollection"
    placed, told = found["features"]
    assert placed["geometry"] == {"type": "Point", "coordinates": [30.52, 50.45]}
    assert told["geometry"] is None
    assert told["properties"]["landmark"] == "За мостом"


def test_a_click_on_the_map_fills_the_coordinates_without_a_script(browser: Browser) -> None:
    page = browser.get("/hazards/new")
    shown = {
        name: hidden(page, name)
        for name in ("csrf_token", "form_id", "map_lat_e5", "map_lon_e5", "map_span")
    }
    clicked = {"spot.x": str(SIZE_PX // 2), "spot.y": "0", "device": "uxo", "landmark": "Міст"}
    answer = browser.client.post("/hazards", data=shown | clicked)
    meant = View(CENTRE, 10_000).point(SIZE_PX // 2, 0)
    assert f'value="{meant.lat:.5f}, {meant.lon:.5f}"' in answer.text
    assert "Міст" in answer.text
    assert browser.office.store.tracks() == [], "a click saves nothing"
    picture = browser.get("/hazards/map.svg?map_span=500&at=50.45,30.52")
    assert picture.mimetype == "image/svg+xml"


@given(st.sampled_from(SPANS_M), st.integers(0, SIZE_PX), st.integers(0, SIZE_PX))
def test_a_click_means_the_point_that_is_drawn_there(span_m: int, x: int, y: int) -> None:
    view = View(CENTRE, span_m)
    assert view.pixel(view.point(x, y)) == pytest.approx((x, y), abs=0.01)


def test_a_locked_node_still_takes_reports_and_shows_none(browser: Browser) -> None:
    browser.office.accounts.lock()
    where = saved(send(browser, device="uxo", at="50.45, 30.52"))
    page = browser.get(where).text
    assert code_on(page)
    assert "50.45" not in page.replace("50.4501", "")
    assert "Sign in again to see the reports" in browser.get("/hazards").text


def test_on_a_full_disk_nothing_is_saved_and_the_page_says_so(
    browser: Browser, around: Surroundings
) -> None:
    around.has_room = False
    answer = send(browser, device="uxo", landmark="За мостом")
    assert answer.status_code == 507
    assert "Nothing was saved" in answer.text
    assert "За мостом" in answer.text


@given(
    st.dictionaries(
        st.sampled_from(["device", "at", "landmark", "accuracy_m", "near_to"]),
        st.sampled_from(["uxo", "50.4, 30.5", "x" * 500, "12", "ff" * 7, "²", ""]),
    )
)
def test_whatever_is_sent_makes_a_sound_report_or_is_refused(fields: dict[str, str]) -> None:
    try:
        said = forms.read(fields | {"form_id": random.Random(1).randbytes(16).hex()})
    except FormRefusal:
        return
    assert is_sound(said.report)
    assert said.report.lat_e5 is None or earth.point(said.report.lat_e5, 0).lat == 50.4
