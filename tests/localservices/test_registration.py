"""Registering a household through the page, whatever happens on the way."""

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from localservices.registration import forms
from localservices.registration.service import SHOWN_MAX
from sync.store.errors import StoreFailedError
from sync.store.store import Receipt
from sync.store.streams import Track
from sync.wire.kinds.household import MEMBERS_MAX
from sync.wire.kinds.household_fields import MEMBER_FIELDS
from sync.wire.lanes import Lane
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.places import Stream
from sync.wire.records import Record
from tests.builders import (
    NOON_MS,
    STAFF_NAME,
    Browser,
    Surroundings,
    a_browser,
    a_form,
    an_office,
    hidden,
)


def written(browser: Browser) -> int:
    return browser.office.store.depths()[Lane.PEOPLE].written


def saved(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_household_is_saved_and_its_page_shows_all_that_was_typed(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    page = browser.get(
        saved(browser.register(a_form(tax_number__0="3184710691", note="На першому поверсі")))
    )
    for shown in (
        "Шевченко Марія Іванівна",
        "1991-08-24",
        "3184710691",
        "КА 123456",
        "Донецька область, Маріуполь",
        "2026-03-05",
        "Дніпро, вул. Робоча, 12",
        "+380501234567",
        "chronic illness",
        "На першому поверсі",
        STAFF_NAME,
        "Saved on this node",
        "2026-11-23 12:00:00",
    ):
        assert shown in page.text
    assert written(browser) == 1


def test_nothing_personal_stands_in_an_address(tmp_path: Path) -> None:
    location = saved(a_browser(tmp_path).register(a_form()))
    node, epoch, lane, seq = location.removeprefix("/households/").rsplit("-", 3)
    assert (node, len(epoch), lane, seq) == ("node-7", 6, "1", "1")


def test_a_form_sent_again_registers_nothing_twice_and_shows_what_is_there(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    form_id = "ab" * 16
    first = saved(browser.register(a_form(form_id=form_id)))
    again = saved(browser.register(a_form(form_id=form_id, phone="")))
    assert again == f"{first}?already=1"
    page = browser.get(again).text
    assert "saved already" in page
    assert "+380501234567" in page
    assert written(browser) == 1


def test_a_form_sent_again_after_a_restart_registers_nothing_twice(tmp_path: Path) -> None:
    first = saved(a_browser(tmp_path).register(a_form(form_id="cd" * 16)))
    browser = Browser(an_office(tmp_path))
    browser.sign_in()
    assert saved(browser.register(a_form(form_id="cd" * 16))) == f"{first}?already=1"
    assert written(browser) == 1


def test_every_wrong_field_is_told_at_once_beside_it_and_on_top(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    wrong = {"surname__0": " ", "born_on__0": "31.02.1991", "tax_number__0": "123"}
    answer = browser.register(a_form(**wrong, phone="12", origin="", shelter="", consent=""))
    assert answer.status_code == 422
    names = ["surname-0", "born_on-0", "tax_number-0", "origin", "shelter", "phone", "consent"]
    for name in names:
        assert f'id="{name}-problem"' in answer.text
        assert f'<a href="#{name}">' in answer.text
    assert 'value="31.02.1991"' in answer.text
    assert 'value="Марія"' in answer.text
    assert written(browser) == 0


def test_the_corrected_form_is_still_the_same_form(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    refused = browser.register(a_form(form_id="ef" * 16, origin=""))
    assert hidden(refused, "form_id") == "ef" * 16


def test_a_form_without_its_id_is_shown_again_rather_than_guessed_at(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    refused = browser.register(a_form(form_id="not an id"))
    assert refused.status_code == 422
    assert len(hidden(refused, "form_id")) == 32
    assert written(browser) == 0


def test_a_member_is_added_and_removed_and_all_that_was_typed_stays(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    form = browser.post("/households/new", a_form(action="add"), seen_at="/")
    assert 'name="surname-1"' in form.text
    assert 'value="Шевченко"' in form.text
    fields = a_form(surname__1="Коваль", surname__2="Бондар", action="remove-1")
    form = browser.post("/households/new", fields, seen_at="/")
    assert "Коваль" not in form.text.partition("<main")[2].partition("</main")[0]
    assert 'name="surname-1" type="text" value="Бондар"' in form.text
    assert 'name="surname-2"' not in form.text
    assert written(browser) == 0


def test_a_family_is_registered_whole_and_an_empty_row_is_no_member(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    fields = a_form(surname__1="", given_name__1="", relation__1="")
    fields |= {"surname-2": "Шевченко", "given_name-2": "Тарас", "relation-2": "child"}
    page = browser.get(saved(browser.register(fields))).text
    assert "People: 2" in page
    assert "Шевченко Тарас" in page


def test_a_member_with_half_a_name_is_refused_not_dropped(tmp_path: Path) -> None:
    answer = a_browser(tmp_path).register(a_form(surname__1="Шевченко", given_name__1=""))
    assert 'id="given_name-1-problem"' in answer.text


def test_nobody_is_registered_without_a_head(tmp_path: Path) -> None:
    fields = {f"{name}-0": "" for name in MEMBER_FIELDS}
    fields |= {"surname-1": "Шевченко", "given_name-1": "Тарас"}
    answer = a_browser(tmp_path).register(a_form() | fields)
    assert 'id="surname-0-problem"' in answer.text


def test_more_people_than_a_household_may_have_are_refused(tmp_path: Path) -> None:
    people = {f"surname__{n}": "А" for n in range(MEMBERS_MAX + 1)}
    names = {f"given_name__{n}": "Б" for n in range(MEMBERS_MAX + 1)}
    answer = a_browser(tmp_path).register(a_form(**people, **names))
    assert answer.status_code == 422
    assert f"at most {MEMBERS_MAX}" in answer.text


def test_the_largest_household_that_the_form_takes_may_travel(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    long = "\U0001f3e0" * 60
    fields = a_form(origin=long * 3, shelter=long * 3, note=long * 16)
    for n in range(MEMBERS_MAX):
        fields |= {f"{name}-{n}": long for name in ("surname", "given_name", "patronymic")}
        fields |= {f"born_on-{n}": "24.08.1991", f"document-{n}": long[:40]}
        fields |= {f"tax_number-{n}": "3184710691", f"relation-{n}": "other_relative"}
    fields |= {f"need-{need}": "yes" for need in forms.NEEDS}
    saved(browser.register(fields))
    [row] = browser.office.store.rows_in_order(0, 10)
    entry = browser.office.store.open_row(row)
    assert entry is not None
    assert len(entry) < RECORD_BYTES_MAX


def test_a_full_disk_is_told_and_the_form_keeps_what_was_typed(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    around.has_room = False
    answer = browser.register(a_form())
    assert answer.status_code == 507
    assert "Nothing was saved" in answer.text
    assert 'value="Шевченко"' in answer.text
    around.has_room = True
    fields = a_form(form_id=hidden(answer, "form_id"))
    saved(browser.register(fields))
    assert written(browser) == 1


def test_a_failed_disk_is_told_and_the_form_keeps_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = a_browser(tmp_path)
    monkeypatch.setattr(browser.office.store, "write", a_broken_write)
    answer = browser.register(a_form())
    assert answer.status_code == 503
    assert "the node must be started again" in answer.text
    assert 'value="Шевченко"' in answer.text


def test_the_journey_goes_from_saved_to_sent_to_central_has_it(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    location = saved(browser.register(a_form()))
    store = browser.office.store
    stream = Stream(store.epoch, Lane.PEOPLE)
    assert 'http-equiv="refresh"' in browser.get(location).text

    store.note_sent(stream, 1, NOON_MS + 60_000)
    assert "central has it" not in browser.get("/households").text
    page = browser.get(location).text
    assert "Sent; central has not confirmed it yet" in page
    assert "2026-11-23 12:01:00" in page

    store.note_acked([Track(stream, 0, 1, 0, 0)], NOON_MS + 120_000)
    page = browser.get(location).text
    assert '<section class="state good"' in page
    assert "2026-11-23 12:02:00" in page
    assert 'http-equiv="refresh"' not in page
    assert "central has it" in browser.get("/households").text


@pytest.mark.parametrize(
    "public_id",
    ["nothing", "node-8-abcdef-1-1", "node-7-abcdef-1-1", "node-7-abcdef-9-1", "node-7-é-1-1"],
)
def test_a_number_that_is_not_of_this_node_is_not_found(tmp_path: Path, public_id: str) -> None:
    browser = a_browser(tmp_path)
    browser.register(a_form())
    assert browser.get(f"/households/{public_id}").status_code == 404


def test_a_sequence_that_was_never_written_is_not_found(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    location = saved(browser.register(a_form()))
    assert browser.get(f"{location}9").status_code == 404
    assert browser.get(f"{location}99999999999999999999").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["шев", "МАРІЯ шевч", "іванівна", "050 123", "+38050", "4567", "ка123", "KA 123456", "318471"],
)
def test_a_household_is_found_by_name_telephone_and_document(tmp_path: Path, query: str) -> None:
    browser = a_browser(tmp_path)
    browser.register(a_form(tax_number__0="3184710691"))
    browser.register(
        a_form(
            surname__0="Бондар", given_name__0="Петро", patronymic__0="", phone="", document__0=""
        )
    )
    found = browser.post("/households/search", {"query": query}, seen_at="/")
    assert "Found: 1." in found.text
    assert "Шевченко Марія" in found.text
    assert "Бондар" not in found.text


@pytest.mark.parametrize("query", ["%", "_", "'", '"; DROP TABLE households', "немає такого"])
def test_what_is_not_there_is_not_found(tmp_path: Path, query: str) -> None:
    browser = a_browser(tmp_path)
    browser.register(a_form())
    found = browser.post("/households/search", {"query": query}, seen_at="/")
    assert "Nothing found" in found.text
    assert browser.get("/households").text.count("Шевченко") == 1


def test_the_list_shows_the_newest_first_and_goes_on_over_the_page(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    for number in range(SHOWN_MAX + 1):
        browser.register(a_form(given_name__0=f"Особа{number}"))
    first, second = browser.get("/households").text, browser.get("/households?page=2").text
    assert f"On this node: {SHOWN_MAX + 1}." in first
    assert first.index("Особа50") < first.index("Особа49")
    assert "Особа0 " not in first
    assert "Особа0 " in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_a_page_number_that_makes_no_sense_does_no_harm(tmp_path: Path, page: str) -> None:
    assert a_browser(tmp_path).get(f"/households?page={page}").status_code == 200


def test_the_form_changes_language_without_losing_a_letter(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    form = browser.post("/households/new?lang=uk", a_form(), seen_at="/")
    assert "Реєстрація домогосподарства" in form.text
    assert 'value="Донецька область, Маріуполь"' in form.text
    assert "Стан вузла" in browser.get("/").text


def test_nothing_that_was_typed_lies_on_the_disk_in_the_clear(tmp_path: Path) -> None:
    marker = "Zavirukha"
    browser = a_browser(tmp_path)
    fields = a_form(**dict.fromkeys(("origin", "shelter", "note"), marker))
    fields |= {f"{name}-0": marker for name in ("surname", "given_name", "patronymic", "document")}
    saved(browser.register(fields))
    assert "Found: 1." in browser.post("/households/search", {"query": marker}, seen_at="/").text
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(kept["outbox.db-wal"]) > 0
    assert len(kept["working.db-wal"]) > 0
    forms_of_it = [marker.encode(code) for code in ("utf-8", "utf-16-le")]
    assert [name for name, data in kept.items() if any(f in data for f in forms_of_it)] == []


def test_what_people_type_is_shown_as_text_and_never_as_a_page(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    nasty = "<script>alert(1)</script>"
    page = browser.get(saved(browser.register(a_form(surname__0=nasty, note=nasty)))).text
    assert nasty not in page
    assert "&lt;script&gt;" in page


def a_broken_write(record: Record, once: bytes | None = None) -> Receipt:
    raise StoreFailedError("the disk failed")
