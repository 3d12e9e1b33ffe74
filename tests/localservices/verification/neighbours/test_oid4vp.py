"""A neighbour asks a person's wallet through this machine, and learns what it presented."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from localservices.verification.neighbours.presentations import (
    EACH_MAX,
    LIFE_MS,
    Presentations,
    Status,
)
from localservices.verification.neighbours.problems import MIME
from tests.builders import Surroundings
from tests.localservices.verification.neighbours import wallet
from tests.localservices.verification.neighbours.asking import NAME, Neighbour
from tests.localservices.verification.neighbours.test_openapi import holds

REQUESTS = "/api/v1/oid4vp/requests"
OTHERS = "https://other.example"


@pytest.fixture
def neighbour(tmp_path: Path, around: Surroundings) -> Neighbour:
    return Neighbour(tmp_path, around, wallet.known)


def ask(neighbour: Neighbour, **asked: Any) -> dict[str, Any]:
    answer = neighbour.ask(asked, REQUESTS)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = holds(answer, "ask")
    return found


def post(neighbour: Neighbour, asked: dict[str, Any], fields: dict[str, str]) -> TestResponse:
    """As a wallet does, which has no key."""
    path = urlsplit(asked["request"]["response_uri"]).path
    return neighbour.client.post(
        path, data=urlencode(fields), content_type="application/x-www-form-urlencoded"
    )


def present(neighbour: Neighbour, asked: dict[str, Any], token: Any, **more: str) -> TestResponse:
    fields = {"state": asked["request"]["state"], "vp_token": json.dumps(token)} | more
    return post(neighbour, asked, fields)


def look(neighbour: Neighbour, asked: dict[str, Any]) -> dict[str, Any]:
    said = {"Authorization": f"Bearer {neighbour.key}"}
    answer = neighbour.client.get(f"{REQUESTS}/{asked['id']}", headers=said)
    found: dict[str, Any] = holds(answer, "look")
    return found


def presented(neighbour: Neighbour, name: str, make: Callable[[dict[str, Any]], str]) -> Any:
    """What a neighbour is told of what ``make`` made for its request."""
    asked = ask(neighbour)
    answer = present(neighbour, asked, {name: [make(wallet.read(asked["uri"]))]})
    assert holds(answer, "answer") == {}
    found = look(neighbour, asked)
    assert found["status"] == "answered"
    [verdict] = found["verdicts"][name]
    return verdict


def code_of(answer: TestResponse, status: int) -> str:
    assert (answer.status_code, answer.mimetype) == (status, MIME), answer.text
    return str(holds(answer, "answer")["code"])


def test_the_wallet_of_these_tests_speaks_as_the_standard_s_example() -> None:
    found = wallet.handover(
        "x509_san_dns:example.com",
        "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA",
        bytes.fromhex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"),
        "https://example.com/response",
    )
    expected = "048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac"
    assert found == ["OpenID4VPHandover", bytes.fromhex(expected)]


def test_a_request_says_all_that_a_wallet_must_know(neighbour: Neighbour) -> None:
    asked = ask(neighbour)
    request = asked["request"]
    assert wallet.read(asked["uri"]) == request
    assert request["response_uri"] == f"http://localhost/api/v1/oid4vp/response/{asked['id']}"
    assert request["client_id"] == f"redirect_uri:{request['response_uri']}"
    assert (request["response_type"], request["response_mode"]) == ("vp_token", "direct_post")
    assert set(request["client_metadata"]["vp_formats_supported"]) == {"dc+sd-jwt", "mso_mdoc"}
    assert request["dcql_query"]["credential_sets"]


def test_no_two_requests_share_a_nonce_or_a_state(neighbour: Neighbour) -> None:
    requests = [ask(neighbour)["request"] for _ in range(3)]
    for name in ("nonce", "state", "response_uri"):
        assert len({one[name] for one in requests}) == 3


def test_a_credential_that_its_holder_presents_here_is_valid(neighbour: Neighbour) -> None:
    found = presented(neighbour, "pid_sd_jwt", wallet.sd_jwt)
    assert (found["verdict"], "holder" in found["checks"]) == ("valid", True)
    assert found["claims"]["name"] == "Лисенко"


def test_a_mobile_document_that_its_device_presents_here_is_valid(neighbour: Neighbour) -> None:
    found = presented(neighbour, "driving_licence", wallet.mdoc)
    assert (found["verdict"], "holder" in found["checks"]) == ("valid", True)
    assert found["claims"]["name"] == "Лисенко Оксана"


@pytest.mark.parametrize("said", ["nonce", "aud"])
def test_a_credential_that_was_presented_to_another_is_not_taken(
    neighbour: Neighbour, said: str
) -> None:
    found = presented(
        neighbour, "pid_sd_jwt", lambda request: wallet.sd_jwt(request, **{said: OTHERS})
    )
    assert (found["verdict"], found["reason"]) == ("tampered", "holder_proof")


@pytest.mark.parametrize("said", ["nonce", "client_id", "response_uri"])
def test_a_mobile_document_that_was_presented_to_another_is_not_taken(
    neighbour: Neighbour, said: str
) -> None:
    found = presented(
        neighbour, "driving_licence", lambda request: wallet.mdoc(request, **{said: OTHERS})
    )
    assert (found["verdict"], found["reason"]) == ("tampered", "holder_proof")


def test_a_credential_that_was_copied_without_its_holder_is_unbound(neighbour: Neighbour) -> None:
    found = presented(
        neighbour, "pid_sd_jwt", lambda request: wallet.sd_jwt(request).rpartition("~")[0] + "~"
    )
    assert found["verdict"] == "holder_unbound"


def test_a_genuine_document_of_another_kind_is_not_what_was_asked_for(
    neighbour: Neighbour,
) -> None:
    swapped = presented(neighbour, "pid_mdoc", wallet.mdoc)
    assert (swapped["verdict"], swapped["reason"]) == ("unsupported", "not_asked")
    as_mdoc = presented(neighbour, "driving_licence", wallet.sd_jwt)
    assert (as_mdoc["verdict"], as_mdoc["reason"]) == ("malformed", "format")


def test_each_presentation_is_written_down_under_the_name_of_the_key(
    neighbour: Neighbour,
) -> None:
    presented(neighbour, "pid_sd_jwt", wallet.sd_jwt)
    [check] = neighbour.checks_kept()
    assert (check["checked_by"], check["verdict"]) == (f"api: {NAME}", "valid")


def test_a_neighbour_asks_for_what_it_likes(neighbour: Neighbour) -> None:
    credential = {"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:eudi:pid:1"]}}
    asked = ask(neighbour, dcql_query={"credentials": [credential]}, address=OTHERS)
    assert asked["request"]["response_uri"].startswith(f"{OTHERS}/api/v1/oid4vp/response/")
    present(neighbour, asked, {"x": [wallet.sd_jwt(wallet.read(asked["uri"]))]})
    assert look(neighbour, asked)["verdicts"]["x"][0]["verdict"] == "valid"


@pytest.mark.parametrize(
    "asked",
    [
        {"dcql_query": {}},
        {"dcql_query": {"credentials": []}},
        {"dcql_query": {"credentials": [{"id": "x", "format": "jwt_vc_json", "meta": {}}]}},
        {"dcql_query": {"credentials": [{"id": "x", "format": "dc+sd-jwt", "meta": {}}]}},
        {
            "dcql_query": {
                "credentials": [{"id": "x y", "format": "mso_mdoc", "meta": {"doctype_value": "a"}}]
            }
        },
        {
            "dcql_query": {
                "credentials": [{"id": "x", "format": "mso_mdoc", "meta": {"doctype_value": "a"}}]
                * 2
            }
        },
        {
            "dcql_query": {
                "credentials": [
                    {"id": "x", "format": "mso_mdoc", "meta": {"doctype_value": "a" * 9_000}}
                ]
            }
        },
        {"address": "ftp://x"},
        {"address": "https://x/path"},
        {"address": 1},
        {"strange": 1},
    ],
    ids=lambda asked: str(asked)[:150],
)
def test_what_no_wallet_could_be_asked_is_refused(
    neighbour: Neighbour, asked: dict[str, Any]
) -> None:
    answer = neighbour.ask(asked, REQUESTS)
    assert answer.status_code == 400
    assert holds(answer, "ask")["code"] == "query"


def test_only_who_asked_learns_what_was_presented(neighbour: Neighbour) -> None:
    asked = ask(neighbour)
    other = neighbour.keys.add("another", None, 0)
    for said, status in ((f"Bearer {other}", 404), ("", 401)):
        answer = neighbour.client.get(f"{REQUESTS}/{asked['id']}", headers={"Authorization": said})
        assert answer.status_code == status
    assert neighbour.ask({}, REQUESTS, Authorization="").status_code == 401


def test_a_request_is_answered_once(neighbour: Neighbour) -> None:
    asked = ask(neighbour)
    token = {"pid_sd_jwt": [wallet.sd_jwt(wallet.read(asked["uri"]))]}
    assert present(neighbour, asked, token).status_code == 200
    assert code_of(present(neighbour, asked, {"pid_sd_jwt": ["x"]}), 409) == "answered"
    assert look(neighbour, asked)["verdicts"]["pid_sd_jwt"][0]["verdict"] == "valid"


def test_a_wallet_may_decline(neighbour: Neighbour) -> None:
    asked = ask(neighbour)
    said = {"state": asked["request"]["state"], "error": "access_denied"}
    assert post(neighbour, asked, said).status_code == 200
    assert look(neighbour, asked) == {"status": "declined", "verdicts": {}}


def test_after_ten_minutes_a_request_is_forgotten(
    neighbour: Neighbour, around: Surroundings
) -> None:
    asked = ask(neighbour)
    around.monotonic_ms += LIFE_MS - 1
    assert look(neighbour, asked)["status"] == "waiting"
    around.monotonic_ms += 1
    assert code_of(present(neighbour, asked, {"pid_sd_jwt": ["x"]}), 404) == "not_found"
    assert ask(neighbour)["id"] != asked["id"]


def test_a_key_has_room_for_so_many_requests(neighbour: Neighbour, around: Surroundings) -> None:
    for _ in range(EACH_MAX):
        ask(neighbour)
    full = neighbour.ask({}, REQUESTS)
    assert (full.status_code, full.headers["Retry-After"]) == (429, str(LIFE_MS // 1000))
    neighbour.key = neighbour.keys.add("another", None, around.now_ms)
    ask(neighbour)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "guessed"},
        {"state": ""},
        {"vp_token": ""},
        {"vp_token": "{}"},
        {"vp_token": "[]"},
        {"vp_token": '{"pid_sd_jwt": "x"}'},
        {"vp_token": '{"pid_sd_jwt": []}'},
        {"vp_token": '{"pid_sd_jwt": [1]}'},
        {"vp_token": '{"strange": ["x"]}'},
        {"vp_token": json.dumps({"pid_sd_jwt": ["x"] * 11})},
        {str(number): "x" for number in range(11)},
    ],
    ids=str,
)
def test_what_is_no_answer_leaves_the_request_open(
    neighbour: Neighbour, changes: dict[str, str]
) -> None:
    asked = ask(neighbour)
    answer = present(neighbour, asked, {"pid_sd_jwt": ["x"]}, **changes)
    assert code_of(answer, 400) == "presentation"
    assert look(neighbour, asked)["status"] == "waiting"


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_form_is_an_error_of_ours(
    neighbour: Neighbour, around: Surroundings, data: bytes
) -> None:
    around.monotonic_ms += LIFE_MS
    path = urlsplit(ask(neighbour)["request"]["response_uri"]).path
    form = "application/x-www-form-urlencoded"
    assert neighbour.client.post(path, data=data, content_type=form).status_code == 400


@given(st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_any_presentation_has_a_verdict(
    neighbour: Neighbour, around: Surroundings, text: str
) -> None:
    around.monotonic_ms += LIFE_MS
    found = presented(neighbour, "driving_licence", lambda _: text)
    assert found["verdict"] in ("malformed", "unsupported")
    assert found["reason"] != "unforeseen"


def test_of_two_answers_at_once_the_first_counts() -> None:
    presentations = Presentations()
    asked = presentations.ask(("key", NAME), OTHERS, {}, 0)
    assert presentations.settle(asked, Status.JUDGING)
    assert not presentations.settle(asked, Status.JUDGING)
    assert not presentations.settle(asked, Status.DECLINED)


def test_no_program_that_shows_a_request_shows_its_secrets() -> None:
    asked = Presentations().ask(("key", NAME), OTHERS, {}, 0)
    assert asked.state not in repr(asked)
    assert asked.nonce not in repr(asked)
