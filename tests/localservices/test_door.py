"""The door: who comes in, how, for how long, and what a stranger meets."""

import re
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner

from localservices.app import lock_when_idle
from localservices.seats import AGE_MS_MAX, IDLE_MS_MAX
from localservices.security import OPEN
from sync.store.keys import Role
from tests.builders import (
    PASSPHRASE,
    SETUP_CODE,
    STAFF_NAME,
    Browser,
    Surroundings,
    a_browser,
    a_form,
    an_office,
    hidden,
)


def test_every_page_but_the_door_is_closed_to_strangers(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    stranger = browser.app.test_client()
    closed = 0
    for rule in browser.app.url_map.iter_rules():
        path = str(rule).replace("<public_id>", "node-7-abcdef-1-1")
        if rule.endpoint in OPEN or "<" in path:
            continue
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = stranger.open(path, method=method)
            turned_away = answer.status_code == 401 or "/sign-in" in answer.headers["Location"]
            assert turned_away, f"{method} {path}: {answer.status_code}"
            closed += 1
    assert closed > 15


def test_what_is_open_to_all_is_no_more_than_the_door(tmp_path: Path) -> None:
    rules = a_browser(tmp_path).app.url_map.iter_rules()
    assert {str(rule) for rule in rules if rule.endpoint in OPEN} == {
        "/static/<path:filename>",
        "/health",
        "/setup",
        "/sign-in",
        "/news",
        "/news/alerts/<identifier>.xml",
    }


def test_nothing_is_posted_without_the_form_token(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    for rule in browser.app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        answer = browser.client.post(str(rule), data=a_form())
        assert answer.status_code == 400, str(rule)
    assert browser.office.accounts.any()
    assert browser.get("/api/status").json["lanes"]["people"]["written"] == 0  # type: ignore[index]


def test_a_form_that_another_site_sends_is_turned_away(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    page = browser.get("/households/new")
    fields = a_form() | {name: hidden(page, name) for name in ("csrf_token", "form_id")}
    answer = browser.client.post("/households", data=fields, headers={"Origin": "https://evil.ua"})
    assert answer.status_code == 403
    answer = browser.client.post("/households", data=fields, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303


def test_a_stranger_with_the_setup_code_makes_the_first_account_and_is_in(tmp_path: Path) -> None:
    browser = Browser(an_office(tmp_path))
    assert browser.get("/").headers["Location"] == "/setup"
    assert browser.get("/sign-in").headers["Location"] == "/setup"
    browser.set_up()
    assert STAFF_NAME in browser.get("/").text
    assert browser.office.working.is_open


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"setup_code": "guess"}, "The setup code is wrong"),
        ({"name": "  "}, "Enter a name"),
        ({"passphrase": "short", "passphrase_again": "short"}, "at least 12 characters"),
        ({"passphrase": "a" * 20, "passphrase_again": "a" * 20}, "easy to guess"),
        ({"passphrase_again": "another one entirely"}, "The two differ"),
    ],
)
def test_a_first_account_that_will_not_do_is_refused_in_plain_words(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    browser = Browser(an_office(tmp_path))
    fields = {
        "setup_code": SETUP_CODE,
        "name": STAFF_NAME,
        "passphrase": PASSPHRASE,
        "passphrase_again": PASSPHRASE,
    }
    answer = browser.post("/setup", fields | changes, seen_at="/setup")
    assert answer.status_code == 422
    assert says in answer.text
    assert PASSPHRASE not in answer.text
    assert not browser.office.accounts.any()


def test_there_is_one_first_account_only(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    fields = {
        "setup_code": SETUP_CODE,
        "name": "Second",
        "passphrase": PASSPHRASE,
        "passphrase_again": PASSPHRASE,
    }
    answer = browser.post("/setup", fields, seen_at="/households/new")
    assert answer.status_code == 422
    assert "already" in answer.text


def test_a_restarted_node_lets_in_who_has_an_account_and_opens_what_was_written(
    tmp_path: Path,
) -> None:
    a_browser(tmp_path).register(a_form())
    browser = Browser(an_office(tmp_path))
    assert browser.sign_in().headers["Location"] == "/"
    assert "Шевченко Марія" in browser.get("/households").text


def test_a_wrong_passphrase_gets_one_plain_sentence_and_keeps_the_name(tmp_path: Path) -> None:
    a_browser(tmp_path)
    browser = Browser(an_office(tmp_path), language="uk")
    answer = browser.sign_in(passphrase="wrong")
    assert answer.status_code == 422
    assert "Ім’я або парольна фраза неправильні." in answer.text
    assert f'value="{STAFF_NAME}"' in answer.text
    assert "wrong" not in answer.text


def test_guessing_is_slowed_and_the_wait_ends_by_itself(tmp_path: Path) -> None:
    around = Surroundings()
    a_browser(tmp_path)
    browser = Browser(an_office(tmp_path, around))
    for _ in range(5):
        assert "wrong" in browser.sign_in(passphrase="guess").text
    assert "Too many tries" in browser.sign_in().text
    around.wait(1_000)
    assert browser.sign_in().status_code == 303


def test_a_session_ends_when_nobody_uses_it_and_the_working_set_locks(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    around.wait(IDLE_MS_MAX)
    assert browser.get("/").status_code == 200
    around.wait(IDLE_MS_MAX + 1)
    lock_when_idle(browser.app)
    assert not browser.office.working.is_open
    assert browser.get("/").headers["Location"] == "/sign-in?wanted=/"


def test_a_page_that_looks_again_by_itself_keeps_no_session_alive(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    around.wait(IDLE_MS_MAX - 1)
    assert browser.get("/?again=1").status_code == 200
    assert browser.get("/api/status").status_code == 200
    around.wait(2)
    assert browser.get("/?again=1").status_code == 303


def test_a_session_lasts_no_longer_than_a_shift(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    for _ in range(AGE_MS_MAX // IDLE_MS_MAX):
        around.wait(IDLE_MS_MAX)
        assert browser.get("/").status_code == 200
    around.wait(1)
    assert browser.get("/").status_code == 303


def test_a_clock_that_jumps_by_years_ends_no_session_and_spoils_no_form(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    page = browser.get("/households/new")
    around.now_ms = 0
    fields = a_form() | {name: hidden(page, name) for name in ("csrf_token", "form_id")}
    assert browser.client.post("/households", data=fields).status_code == 303


@pytest.mark.parametrize("signed_s", [0, 4_000_000_000])
def test_a_cookie_and_a_form_signed_by_a_wrong_clock_are_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed_s: int
) -> None:
    with monkeypatch.context() as wrong_clock:
        wrong_clock.setattr(TimestampSigner, "get_timestamp", lambda _: signed_s)
        browser = a_browser(tmp_path)
        page = browser.get("/households/new")
    fields = a_form() | {name: hidden(page, name) for name in ("csrf_token", "form_id")}
    assert browser.client.post("/households", data=fields).status_code == 303


def test_signing_out_ends_the_session_for_good(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    stolen = browser.client.get_cookie("nezlam")
    assert stolen is not None
    browser.post("/sign-out", {}, seen_at="/")
    assert not browser.office.working.is_open
    thief = browser.app.test_client()
    thief.set_cookie("nezlam", stolen.value)
    assert thief.get("/").status_code == 303


def test_locking_closes_the_working_set_while_others_go_on_registering(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    colleague = Browser.__new__(Browser)
    colleague.__dict__ |= browser.__dict__ | {"client": browser.app.test_client()}
    colleague.sign_in()
    browser.post("/lock", {}, seen_at="/")
    assert not browser.office.working.is_open
    saved = colleague.register(a_form())
    assert saved.status_code == 303
    household = colleague.get(saved.headers["Location"])
    assert "Saved on this node" in household.text
    assert "details are locked" in household.text
    assert "Шевченко" not in household.text
    assert "Reading is locked" in colleague.get("/households").text


def test_signing_in_again_in_the_same_browser_opens_the_working_set(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    browser.register(a_form())
    browser.office.accounts.lock()
    assert browser.sign_in().status_code == 303
    assert "Шевченко" in browser.get("/households").text
    assert browser.sign_in().status_code == 303
    assert browser.office.working.is_open


def test_who_signs_in_takes_a_new_session_and_its_cookie_tells_nothing(tmp_path: Path) -> None:
    a_browser(tmp_path)
    browser = Browser(an_office(tmp_path))
    before = hidden(browser.get("/sign-in"), "csrf_token")
    answer = browser.sign_in()
    assert browser.client.post("/lock", data={"csrf_token": before}).status_code == 400
    written = answer.headers["Set-Cookie"]
    assert "HttpOnly" in written
    assert "SameSite=Strict" in written
    assert "Коваль" not in written.encode().decode("unicode_escape")


def test_an_expired_session_costs_nobody_what_they_typed(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    form_id = hidden(browser.get("/households/new"), "form_id")
    around.wait(IDLE_MS_MAX + 1)
    turned_away = browser.client.post("/households", data=a_form(form_id=form_id, note='"<&'))
    assert turned_away.status_code == 401
    kept = {
        name: hidden(turned_away, name)
        for name in ("csrf_token", "wanted", "resumed_at", "kept-surname-0", "kept-form_id")
    }
    answer = browser.client.post(
        "/sign-in", data=kept | {"name": STAFF_NAME, "passphrase": PASSPHRASE}
    )
    assert answer.status_code == 200
    fields = {name: hidden(answer, name) for name in ("csrf_token", "surname-0", "form_id")}
    form = browser.client.post("/households/new", data=fields)
    assert 'value="Шевченко"' in form.text
    assert hidden(form, "form_id") == form_id


def test_an_intake_account_registers_and_reads_nothing(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    browser.register(a_form())
    fields = {
        "name": "Тимчасова",
        "passphrase": "сім синіх слонів",
        "passphrase_again": "сім синіх слонів",
        "role": Role.INTAKE.value,
    }
    made = browser.post("/colleagues/new", fields, seen_at="/")
    assert "Тимчасова" in made.text
    clerk = Browser.__new__(Browser)
    clerk.__dict__ |= browser.__dict__ | {"client": browser.app.test_client()}
    assert clerk.sign_in(name="Тимчасова", passphrase="сім синіх слонів").status_code == 303
    saved = clerk.register(a_form())
    assert saved.status_code == 303
    household = clerk.get(saved.headers["Location"])
    assert household.status_code == 200
    assert "Шевченко" not in household.text
    assert "Шевченко" not in clerk.get("/households").text
    assert clerk.post("/households/search", {"query": "Шев"}, seen_at="/").status_code == 200
    assert clerk.post("/colleagues/new", fields, seen_at="/").status_code == 423


@pytest.mark.parametrize("wanted", ["//evil.ua", "https://evil.ua", "/\\evil.ua", "/\t/evil.ua"])
def test_a_link_cannot_send_who_signs_in_to_another_site(tmp_path: Path, wanted: str) -> None:
    browser = a_browser(tmp_path)
    assert browser.sign_in(wanted=wanted).headers["Location"] == "/"
    assert browser.sign_in(wanted="/households").headers["Location"] == "/households"


def test_every_answer_says_that_browsers_must_be_careful_with_it(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    for path in ("/", "/households", "/nope", "/health", "/api/status"):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_no_page_carries_a_script_or_a_style_of_its_own(tmp_path: Path) -> None:
    browser = a_browser(tmp_path)
    location = browser.register(a_form()).headers["Location"]
    for path in ("/", "/households", "/households/new", "/colleagues/new", "/sign-in", location):
        text = browser.get(path).text.lower()
        ours = ([], *([f' src="/static/{name}.js" defer'] for name in ("progress", "doubles")))
        assert re.findall("<script(.*?)>", text) in ours
        assert "</script>" not in text.replace("defer></script>", "")
        assert "style=" not in text
        assert "<style" not in text
        assert "http://" not in text
        assert "https://" not in text


def test_health_tells_anyone_that_the_pages_are_served_and_nothing_else(tmp_path: Path) -> None:
    stranger = a_browser(tmp_path).app.test_client()
    assert stranger.get("/health").text == "ok\n"
