"""A neighbour's verifier asks over HTTP and gets the verdict that the desk would get."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from edge.web import WebServer
from localservices import messages
from localservices.verification import engine, in_words
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours import api, judging
from localservices.verification.neighbours.keys import FILE
from localservices.verification.neighbours.limits import BODY_BYTES_MAX, PAYLOADS_MAX
from localservices.verification.neighbours.pace import BURST, PER_S
from localservices.verification.neighbours.problems import MIME, Problem
from localservices.verification.verdict import State
from tests.builders import Surroundings
from tests.localservices.verification.issuing import NOW_MS
from tests.localservices.verification.neighbours.asking import ISSUER, NAME, Neighbour
from tests.localservices.verification.test_mrz import a_card

SAID = messages.load([Path(engine.__file__).parent / "messages"])


def test_the_verdict_is_the_one_of_the_command_line_with_what_to_do(neighbour: Neighbour) -> None:
    text = ISSUER.issue()
    answer = neighbour.ask({"payload": text})
    verdict = engine.judge(text, neighbour.known(), When(NOW_MS))
    assert verdict.state is State.VALID
    assert answer.status_code == 200
    advice = "Compare name and date of birth with the identity document."
    assert answer.json == in_words.plain(verdict, SAID, "en") | {"advice": advice, "kept": True}


def test_a_list_is_answered_in_its_order(neighbour: Neighbour) -> None:
    answer = neighbour.ask({"payloads": [ISSUER.issue(), "nonsense", a_card()]})
    assert answer.json is not None
    found = [one["verdict"] for one in answer.json["verdicts"]]
    assert found == ["valid", "malformed", found[2]]
    assert answer.json["verdicts"][2]["format"] == "mrz"


def test_each_check_is_written_down_under_the_name_of_the_key(neighbour: Neighbour) -> None:
    neighbour.ask({"payloads": [ISSUER.issue(), a_card()]})
    checks = neighbour.checks_kept()
    assert [one["checked_by"] for one in checks] == [f"api: {NAME}"] * 2
    assert [bool(one["payload_sha256"]) for one in checks] == [True, False]
    assert "Лисенко" not in str(checks)


def test_a_disk_without_room_keeps_no_answer_back(
    neighbour: Neighbour, around: Surroundings
) -> None:
    around.has_room = False
    answer = neighbour.ask({"payload": ISSUER.issue()}).json
    assert answer is not None
    assert (answer["verdict"], answer["kept"]) == ("valid", False)


@pytest.mark.parametrize(
    ("asked", "language", "begins"),
    [("uk", "uk", "Звірте"), ("pl, en;q=0.5", "en", "Compare"), ("pl", "en", "Compare")],
)
def test_what_to_do_is_said_in_the_language_that_was_asked_for(
    neighbour: Neighbour, asked: str, language: str, begins: str
) -> None:
    answer = neighbour.ask({"payload": ISSUER.issue()}, Accept_Language=asked)
    assert answer.json is not None
    assert answer.json["advice"].startswith(begins)
    assert answer.headers["Content-Language"] == language


def problem_of(answer: Any, status: int) -> str:
    """The code of a problem that is told as RFC 9457 has it."""
    assert (answer.status_code, answer.mimetype) == (status, MIME), answer.text
    told = answer.json
    assert told["status"] == status
    assert told["detail"].endswith(".")
    return str(told["code"])


def test_without_a_key_or_with_a_wrong_one_nothing_is_judged(neighbour: Neighbour) -> None:
    for said, code in (
        ("", "no_key"),
        ("Basic b2xlbmE6c2VjcmV0", "no_key"),
        ("Bearer", "no_key"),
        ("Bearer x", "wrong_key"),
        (f"Bearer {neighbour.key[:-1]}", "wrong_key"),
    ):
        answer = neighbour.ask({"payload": ISSUER.issue()}, Authorization=said)
        assert problem_of(answer, 401) == code
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert neighbour.checks_kept() == []


def test_a_key_that_is_over_stays_over_when_the_clock_is_set_back(
    neighbour: Neighbour, around: Surroundings
) -> None:
    today = datetime.fromtimestamp(NOW_MS / 1000, UTC).date()
    neighbour.key = neighbour.keys.add("for a day", today, NOW_MS)
    assert neighbour.ask({"payload": "x"}).status_code == 200
    neighbour.passed_ms, around.now_ms = NOW_MS + 2 * 86_400_000, 0
    assert problem_of(neighbour.ask({"payload": "x"}), 401) == "wrong_key"


def test_a_session_of_staff_does_not_open_the_interface(neighbour: Neighbour) -> None:
    browser = neighbour.browser.set_up()
    answer = browser.client.post("/api/v1/verify", json={"payload": "x"})
    assert problem_of(answer, 401) == "no_key"
    assert "Set-Cookie" not in answer.headers


def test_a_key_opens_no_page(neighbour: Neighbour) -> None:
    neighbour.browser.set_up()
    said = {"Authorization": f"Bearer {neighbour.key}"}
    for path in ("/", "/verify", "/households", "/api/status"):
        answer = neighbour.client.get(path, headers=said)
        assert answer.status_code in (303, 401), path
    assert neighbour.client.post("/verify", headers=said, data={"payload": "x"}).status_code == 303


def test_no_page_of_another_site_may_ask(neighbour: Neighbour) -> None:
    preflight = neighbour.client.options(
        "/api/v1/verify",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    answer = neighbour.ask({"payload": "x"}, Origin="https://evil.example")
    for one in (preflight, answer):
        assert not [name for name, _ in one.headers if name.startswith("Access-Control")]
    assert problem_of(preflight, 405) == "method"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "json"),
        (b"{", 400, "json"),
        (b'{"payload": "\xff"}', 400, "json"),
        (b'{"payload": "\\ud800"}', 400, "json"),
        (b'{"payload": "a", "payload": "b"}', 400, "json"),
        (b"[" * 100_000, 400, "json"),
        (b"[]", 400, "shape"),
        (b"{}", 400, "shape"),
        (b'{"payload": 1}', 400, "shape"),
        (b'{"payload": "a", "payloads": ["b"]}', 400, "shape"),
        (b'{"payloads": []}', 400, "shape"),
        (b'{"payloads": [null]}', 400, "shape"),
        (json.dumps({"payloads": ["x"] * (PAYLOADS_MAX + 1)}).encode(), 400, "shape"),
        (b" " * (BODY_BYTES_MAX + 1), 413, "too_large"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_request_is_told_in_one_sentence(
    neighbour: Neighbour, data: bytes, status: int, code: str
) -> None:
    assert problem_of(neighbour.send(data), status) == code


def test_only_json_is_read(neighbour: Neighbour) -> None:
    form = neighbour.send(b"payload=x", "application/x-www-form-urlencoded")
    assert problem_of(form, 415) == "type"


def test_what_is_not_there_is_told_as_a_problem_too(neighbour: Neighbour) -> None:
    assert problem_of(neighbour.client.get("/api/v1/nothing"), 404) == "not_found"
    wrong = neighbour.client.get("/api/v1/verify")
    assert problem_of(wrong, 405) == "method"
    assert wrong.headers["Allow"] == "POST"


def test_who_asks_too_much_is_told_how_long_to_wait(
    neighbour: Neighbour, around: Surroundings
) -> None:
    busload = {"payloads": ["x"] * PAYLOADS_MAX}
    for _ in range(BURST // PAYLOADS_MAX):
        assert neighbour.ask(busload).status_code == 200
    often = neighbour.ask({"payloads": ["x"] * 10})
    assert problem_of(often, 429) == "often"
    assert often.headers["Retry-After"] == str(10 // PER_S)
    around.wait(10_000 // PER_S)
    assert neighbour.ask({"payloads": ["x"] * 10}).status_code == 200


def test_keys_that_cannot_be_read_are_no_error_of_the_request(
    neighbour: Neighbour, tmp_path: Path
) -> None:
    (tmp_path / "keys" / FILE).write_text("spoiled")
    assert problem_of(neighbour.ask({"payload": "x"}), 503) == "keys"


def test_requests_that_are_judged_already_keep_the_others_waiting_for_a_moment_only(
    neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[TestResponse] = []
    asking = iter(range(2))

    def known() -> Knowledge:
        """While the first is judged a second asks, and meanwhile a third."""
        if next(asking, None) is not None:
            answers.append(neighbour.ask({"payload": "x"}))
        return Knowledge((ISSUER.trusted,))

    monkeypatch.setattr(judging, "TURN_S", 0.01)
    neighbour.known = known
    assert neighbour.ask({"payload": "x"}).status_code == 200
    third, second = answers
    assert problem_of(third, 503) == "busy"
    assert second.status_code == 200


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: json.dumps(text).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_an_error_of_ours(neighbour: Neighbour, data: bytes) -> None:
    assert neighbour.send(data).status_code == 400


@given(payload=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_payload_has_a_verdict(
    neighbour: Neighbour, around: Surroundings, payload: str
) -> None:
    around.wait(1_000)
    assert neighbour.ask({"payload": payload}).status_code == 200


@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_problem_has_a_sentence(language: str) -> None:
    said = messages.load([Path(api.__file__).parent / "messages"]).by_language[language]
    assert said.keys() == {f"neighbours.problem.{problem.code}" for problem in Problem}


def test_the_server_of_a_node_serves_it_and_reads_nothing_too_long(neighbour: Neighbour) -> None:
    server = WebServer(neighbour.browser.app, "127.0.0.1", 0)
    server.start()
    try:
        address, said = (
            f"{server.address}api/v1/verify",
            {"Authorization": f"Bearer {neighbour.key}"},
        )
        asked = {"payload": ISSUER.issue()}
        found = requests.post(address, json=asked, headers=said, timeout=10)
        assert (found.status_code, found.json()["verdict"]) == (200, "valid")
        for size in (BODY_BYTES_MAX + 1, 17 * 1024**2):
            said["Content-Type"] = "application/json"
            long = requests.post(address, data=bytes(size), headers=said, timeout=30)
            assert (long.status_code, long.json()["code"]) == (413, "too_large")
    finally:
        server.stop()
