"""The JSON forms of SD-JWT: what the compact form says, in other brackets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.verdict import Reason, State
from tests.localservices.verification.authorities import jwt
from tests.localservices.verification.test_sdjwt import (
    HOLDER,
    JSON_VALUES,
    KEY,
    NOW_S,
    PLAIN,
    digest,
    issued,
    judged,
    public,
)


def flattened(compact: str, **changes: Any) -> dict[str, Any]:
    signed, *disclosures, binding = compact.split("~")
    protected, payload, signature = signed.split(".")
    header: dict[str, Any] = {"disclosures": disclosures}
    if binding:
        header["kb_jwt"] = binding
    plain = {"payload": payload, "protected": protected, "signature": signature, "header": header}
    return {name: value for name, value in (plain | changes).items() if value is not ...}


def general(compact: str, *others: dict[str, Any]) -> dict[str, Any]:
    one = flattened(compact)
    return {"payload": one.pop("payload"), "signatures": [one, *others]}


def with_proof() -> str:
    text = issued(cnf={"jwk": public(HOLDER)})
    said = {"iat": NOW_S, "aud": "centre", "nonce": "7", "sd_hash": digest(text)}
    return text + jwt(HOLDER, said, "kb+jwt")


@pytest.mark.parametrize("form", [flattened, general])
def test_both_forms_say_what_the_compact_one_says(form: Any) -> None:
    for compact in (issued(), issued(()), with_proof(), issued(exp=NOW_S)):
        text = json.dumps(form(compact), indent=1)
        assert judged(text) == judged("\ufeff\n \r\n " + text) == judged(compact)


def test_nothing_need_be_disclosed() -> None:
    assert judged(json.dumps(flattened(issued(()), header=...))) == judged(issued(()))


def test_several_signatures_are_more_than_is_supported() -> None:
    other = {"protected": "e30", "signature": "AA"}
    verdict = judged(json.dumps(general(issued(), other)))
    assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.ALGORITHM)


def test_a_credential_of_the_w3c_s_in_json_is_of_a_kind_not_known() -> None:
    payload = {name: value for name, value in PLAIN.items() if name != "_sd"}
    for form in (flattened, general):
        verdict = judged(json.dumps(form(jwt(KEY, payload, "vc+jwt") + "~")))
        assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.FORMAT)


@pytest.mark.parametrize(
    "changes",
    [
        {"signatures": []},
        {"signature": ...},
        {"protected": 7},
        {"header": []},
        {"header": {"disclosures": [1]}},
        {"header": {"disclosures": "x"}},
        {"header": {"kb_jwt": None}},
        {"header": {"disclosures": ["a~b"]}},
        {"payload": "e30.e30"},
    ],
    ids=repr,
)
def test_what_is_neither_form_is_malformed(changes: dict[str, Any]) -> None:
    assert judged(json.dumps(flattened(issued(), **changes))).state is State.MALFORMED


def test_what_a_form_says_twice_is_refused() -> None:
    both = general(issued()) | flattened(issued())
    assert judged(json.dumps(both)).state is State.MALFORMED
    assert judged(json.dumps(general(issued()) | {"signatures": [[]]})).state is State.MALFORMED


@given(st.dictionaries(st.sampled_from(["payload", "signatures", "header", "x"]), JSON_VALUES))
def test_any_object_is_a_verdict(changes: dict[str, Any]) -> None:
    for form in (flattened, general):
        assert judged(json.dumps(form(issued()) | changes)).reason is not Reason.UNFORESEEN
