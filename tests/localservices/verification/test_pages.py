"""Staff check a document at the table and see one verdict, in words."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from localservices import messages
from localservices.verification import pages
from localservices.verification.knowledge import Knowledge
from localservices.verification.pages import create_pages
from localservices.verification.picture import Readers
from localservices.verification.registries import Registries
from localservices.verification.service import Inspection
from localservices.verification.trust import TrustList
from localservices.verification.trust_shelf import TrustShelf
from localservices.verification.verdict import Check, Reason, State
from sync.wire import entries
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from tests.builders import Browser, Surroundings, an_office, hidden
from tests.localservices.verification.house import pages_of
from tests.localservices.verification.issuing import NOW_MS, Issuer
from tests.localservices.verification.test_mrz import a_card
from tests.localservices.verification.test_picture import a_picture, a_picture_of_nothing
from tests.localservices.verification.test_rules import a_rule, in_force

ISSUER = Issuer()


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def browser(tmp_path: Path, around: Surroundings) -> Browser:
    pages = pages_of(lambda: Knowledge((ISSUER.trusted,)))
    return Browser(an_office(tmp_path, around, [pages])).set_up()


def checks_kept(browser: Browser) -> list[dict[str, object]]:
    store = browser.office.store
    kept = []
    for row in store.rows_in_order(0, 100):
        if row.stream.lane is Lane.WORK:
            data = store.open_row(row)
            assert data is not None
            kept.append(entries.decode(data).body)
    return kept


def test_a_genuine_document_is_shown_as_valid_and_the_check_is_kept(browser: Browser) -> None:
    page = browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    assert 'data-verdict="valid"' in page.text
    assert "Лисенко Оксана" in page.text
    [kept] = checks_kept(browser)
    assert kept["verdict"] == "valid"
    assert "Лисенко" not in str(kept)  # what was found is kept, not the document


def test_what_was_typed_by_mistake_leaves_no_trace_to_guess_it_by(browser: Browser) -> None:
    browser.post("/verify", {"payload": "АК 123456"}, seen_at="/verify")
    [kept] = checks_kept(browser)
    assert kept["payload_sha256"] == b""


def test_a_list_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    shelf = TrustShelf(tmp_path / "absent")
    browser = Browser(
        an_office(tmp_path, pages=[pages_of(lambda: Knowledge(shelf.current()))])
    ).set_up()
    assert "cannot be read: tell the technician" in browser.get("/verify").text


@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_word_of_a_verdict_has_a_sentence(language: str) -> None:
    said = messages.load([Path(pages.__file__).parent / "messages"]).by_language[language]
    keys = (
        [f"verification.state.{state}" for state in State]
        + [f"verification.advice.{state}" for state in State]
        + [f"verification.reason.{reason}" for reason in Reason]
        + [f"verification.passed.{check}" for check in Check]
    )
    assert sorted(set(keys) - set(said)) == []


def test_a_page_sent_again_is_one_check(browser: Browser) -> None:
    form_id = hidden(browser.get("/verify"), "form_id")
    for _ in range(2):
        browser.post("/verify", {"payload": ISSUER.issue(), "form_id": form_id}, seen_at="/verify")
    assert len(checks_kept(browser)) == 1


def show(browser: Browser, picture: bytes) -> TestResponse:
    token = hidden(browser.get("/verify"), "csrf_token")
    file = (io.BytesIO(picture), "certificate.png")
    return browser.client.post("/verify", data={"csrf_token": token, "picture": file})


def test_a_picture_is_read_on_the_node(browser: Browser) -> None:
    assert 'data-verdict="valid"' in show(browser, a_picture(ISSUER.issue())).text


def test_more_pictures_than_the_node_has_memory_for_wait_their_turn(tmp_path: Path) -> None:
    house = pages_of(lambda: Knowledge((ISSUER.trusted,)), readers=Readers(at_once=0))
    browser = Browser(an_office(tmp_path, pages=[house])).set_up()
    page = show(browser, a_picture(ISSUER.issue()))
    assert (page.status_code, "спробуйте за мить" in page.text) == (422, True)


def test_every_picture_gives_its_room_back(browser: Browser) -> None:
    for spoiled in (b"", b"hello", b"\x89PNG"):
        assert show(browser, spoiled).status_code == 422
    assert 'data-verdict="valid"' in show(browser, a_picture(ISSUER.issue())).text


@pytest.mark.parametrize("payload", ["", "   ", "\n"])
def test_nothing_given_is_said_so(browser: Browser, payload: str) -> None:
    page = browser.post("/verify", {"payload": payload}, seen_at="/verify")
    assert (page.status_code, "Paste the text" in page.text) == (422, True)


@pytest.mark.parametrize("payload", ["HC1:", "nonsense", "<script>alert(1)</script>", "HC1:\x00"])
def test_nonsense_is_a_verdict_and_never_an_error(browser: Browser, payload: str) -> None:
    page = browser.post("/verify", {"payload": payload}, seen_at="/verify")
    assert page.status_code == 200
    assert 'data-verdict="malformed"' in page.text
    assert "<script>" not in page.text


def test_without_a_trust_list_nobody_is_called_a_forger(tmp_path: Path) -> None:
    browser = Browser(an_office(tmp_path, pages=[pages_of()])).set_up()
    assert "no trust list" in browser.get("/verify").text
    page = browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    assert 'data-verdict="issuer_unknown_stale"' in page.text
    assert "says nothing against the document" in page.text


def test_on_a_full_disk_the_answer_is_still_given(browser: Browser, around: Surroundings) -> None:
    around.has_room = False
    page = browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    assert 'data-verdict="valid"' in page.text
    assert "was not written down" in page.text


def test_the_age_of_the_list_is_shown(browser: Browser, around: Surroundings) -> None:
    around.now_ms = NOW_MS + 3 * 86_400_000
    assert "3 days ago" in browser.get("/verify").text


@pytest.mark.parametrize(("language", "asks"), [("uk", "Одужання"), ("en", "The recovery")])
def test_a_rule_that_is_not_met_is_shown_in_the_readers_language_beside_a_genuine_paper(
    tmp_path: Path, language: str, asks: str
) -> None:
    known = Knowledge((ISSUER.trusted,), rules=in_force(a_rule(Logic=False)))
    house = an_office(tmp_path, pages=[pages_of(lambda: known)])
    browser = Browser(house).set_up()
    browser.get(f"/?lang={language}")
    page = browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify").text
    assert 'data-verdict="valid"' in page
    assert 'class="state verdict busy"' in page
    assert f"{asks}" in page
    assert "RR-UA-0001" in page


def test_a_check_in_doubt_is_judged_again_when_fresh_data_has_come(tmp_path: Path) -> None:
    lists: list[TrustList] = []
    house = pages_of(lambda: Knowledge(tuple(lists)))
    around = Surroundings(now_ms=NOW_MS)
    browser = Browser(an_office(tmp_path, around, pages=[house])).set_up()
    browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    assert 'id="changed"' not in browser.get("/verify").text
    lists.append(ISSUER.trusted)
    page = browser.get("/verify").text
    assert "The issuer is not known here yet → <strong>Genuine and valid" in page
    assert browser.office.store.depths()[Lane.WORK].written == 2
    browser.get("/verify")
    assert browser.office.store.depths()[Lane.WORK].written == 2


def test_of_a_typed_zone_no_hash_is_kept_for_few_numbers_would_have_to_be_tried(
    tmp_path: Path,
) -> None:
    office = an_office(tmp_path, pages=[pages_of()])
    browser = Browser(office).set_up()
    browser.post("/verify", {"payload": a_card()}, seen_at="/verify")
    [row] = office.store.rows_after(Stream(office.store.epoch, Lane.WORK), 0, 10_000)
    opened = office.store.open_row(row)
    assert opened is not None
    body = entries.decode(opened).body
    assert (body["format"], body["payload_sha256"]) == ("mrz", b"")


def test_each_document_of_several_gets_its_own_verdict_and_is_kept(browser: Browser) -> None:
    both = {"payload": [ISSUER.issue(), "nonsense"]}
    page = browser.client.post("/verify", data=both | form_of(browser, "/verify"))
    assert re.findall(r'data-verdict="(\w+)"', page.text) == ["valid", "malformed"]
    assert [one["verdict"] for one in checks_kept(browser)] == ["valid", "malformed"]


def form_of(browser: Browser, where: str) -> dict[str, str]:
    page = browser.get(where)
    return {name: hidden(page, name) for name in ("csrf_token", "form_id")}


def test_a_bus_of_people_is_checked_on_one_page(browser: Browser) -> None:
    for payload in (ISSUER.issue(), "nonsense", ISSUER.issue()):
        fields = form_of(browser, "/verify/many") | {"payload": payload}
        browser.client.post("/verify/many", data=fields)
    page = browser.get("/verify/many").text
    assert ("Checked: 3" in page, "Accept: <strong>2</strong>" in page) == (True, True)
    rows = re.findall(r"<summary><span[^>]*>(\d)\. (\w+)", page)
    assert [number for number, _ in rows] == ["3", "2", "1"]
    assert len(checks_kept(browser)) == 3


def test_one_scanned_twice_by_the_same_form_is_counted_once(browser: Browser) -> None:
    fields = form_of(browser, "/verify/many") | {"payload": ISSUER.issue()}
    for _ in range(2):
        browser.client.post("/verify/many", data=fields)
    assert "Checked: 1" in browser.get("/verify/many").text


def test_when_the_bus_drives_on_its_names_are_gone(browser: Browser) -> None:
    fields = form_of(browser, "/verify/many") | {"payload": ISSUER.issue()}
    browser.client.post("/verify/many", data=fields)
    assert "Лисенко" in browser.get("/verify/many").text
    browser.post("/verify/many/end", {}, seen_at="/verify/many")
    assert "Лисенко" not in browser.get("/verify/many").text


def test_the_log_shows_what_was_checked_and_names_nobody(browser: Browser) -> None:
    browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    browser.post("/verify", {"payload": "nonsense"}, seen_at="/verify")
    page = browser.get("/verify/history").text
    assert page.count("<tr>") == 3
    assert "Лисенко" not in page
    assert browser.get("/verify/history?verdict=valid").text.count("<tr>") == 2


def test_a_camera_may_be_asked_for_on_its_pages_alone(browser: Browser) -> None:
    allowed = [browser.get(where).headers["Permissions-Policy"] for where in ("/verify", "/")]
    assert [one.split(",")[0] for one in allowed] == ["camera=(self)", "camera=()"]


def test_a_cameras_view_is_read_and_nothing_is_written_yet(browser: Browser) -> None:
    text, token = ISSUER.issue(), hidden(browser.get("/verify"), "csrf_token")

    def looked(view: bytes) -> object:
        fields = {"csrf_token": token, "view": (io.BytesIO(view), "view.jpg")}
        return browser.client.post("/verify/view", data=fields).json

    assert looked(a_picture(text)) == {"texts": [text]}
    assert looked(a_picture_of_nothing()) == {"texts": []}
    assert looked(b"spoiled") == {"problem": "picture_spoiled"}
    assert checks_kept(browser) == []


def test_what_changed_is_told_on_every_page_until_staff_have_seen_it(tmp_path: Path) -> None:
    lists: list[TrustList] = []
    house = pages_of(lambda: Knowledge(tuple(lists)))
    browser = Browser(an_office(tmp_path, Surroundings(now_ms=NOW_MS), pages=[house])).set_up()
    browser.post("/verify", {"payload": ISSUER.issue()}, seen_at="/verify")
    lists.append(ISSUER.trusted)
    browser.get("/verify")
    assert "came out otherwise with fresh data: 1" in browser.get("/").text
    browser.post("/verify/changed", {}, seen_at="/verify")
    assert "came out otherwise" not in browser.get("/").text


def test_a_parcels_code_beside_a_document_is_passed_by(browser: Browser) -> None:
    paper = Image.new("L", (1600, 900), 255)
    for place, text in enumerate((ISSUER.issue(), "https://parcels.example/1")):
        with Image.open(io.BytesIO(a_picture(text, scale=4))) as code:
            paper.paste(code, (50 + 800 * place, 50))
    out = io.BytesIO()
    paper.save(out, "PNG")
    page = show(browser, out.getvalue()).text
    assert re.findall(r'data-verdict="(\w+)"', page) == ["valid"]


def test_a_document_is_written_down_only_where_policy_says_so_and_only_a_genuine_one(
    tmp_path: Path,
) -> None:
    nothing = Registries(tuple, tuple)
    known = Knowledge((ISSUER.trusted,))
    inspection = Inspection(lambda: known, lambda: None, lambda: 0, nothing)
    browser = Browser(an_office(tmp_path, pages=[create_pages(inspection)])).set_up()
    text = ISSUER.issue()
    for is_kept in (False, True):
        inspection.keeps_documents = is_kept
        for payload in (text, "HC1:nonsense"):
            browser.post("/verify", {"payload": payload}, seen_at="/verify")
    kept = [one.get("document") for one in checks_kept(browser)]
    assert kept == [None, None, text, None]
