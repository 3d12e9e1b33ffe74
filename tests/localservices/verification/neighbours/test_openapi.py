"""What the description says of the interface holds, operation by operation."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from localservices.verification.neighbours import api, openapi
from localservices.verification.neighbours.problems import Problem
from localservices.verification.verdict import State
from tests.localservices.verification.neighbours.asking import ISSUER, Neighbour
from tests.localservices.verification.test_mrz import a_card

DOCUMENT = openapi.document(api.PATH)
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def holds(answer: TestResponse, operation_id: str) -> Any:
    """Give the answer's JSON if the description allows for it."""
    _, _, operation = OPERATIONS[operation_id]
    said = operation["responses"][str(answer.status_code)]
    schema = said["content"][answer.mimetype]["schema"]
    Draft202012Validator(schema | {"components": DOCUMENT["components"]}).validate(answer.json)
    return answer.json


def test_it_is_sound_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_served_to_whoever_asks(neighbour: Neighbour) -> None:
    answer = neighbour.client.get("/api/v1/openapi.json")
    assert holds(answer, "describe") == DOCUMENT


def test_it_describes_every_operation_and_no_other(neighbour: Neighbour) -> None:
    served = {
        (rule.endpoint, method.lower(), str(rule.rule).replace("<", "{").replace(">", "}"))
        for rule in api.create_api(neighbour.means).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert served == {(name, method, path) for name, (method, path, _) in OPERATIONS.items()}


def test_it_names_every_state() -> None:
    assert DOCUMENT["components"]["schemas"]["State"]["enum"] == list(State)


def test_verdicts_are_as_described(neighbour: Neighbour) -> None:
    one = holds(neighbour.ask({"payload": ISSUER.issue()}), "verify")
    assert one["verdict"] == "valid"
    several = holds(neighbour.ask({"payloads": [ISSUER.issue(), a_card(), ""]}), "verify")
    assert len(several["verdicts"]) == 3


@pytest.mark.parametrize("problem", ["no_key", "wrong_key", "shape", "json", "type", "too_large"])
def test_problems_are_as_described(neighbour: Neighbour, problem: str) -> None:
    answers = {
        "no_key": lambda: neighbour.ask({}, Authorization=""),
        "wrong_key": lambda: neighbour.ask({}, Authorization="Bearer x"),
        "shape": lambda: neighbour.ask({}),
        "json": lambda: neighbour.send(b"{"),
        "type": lambda: neighbour.send(b"{}", "text/plain"),
        "too_large": lambda: neighbour.send(bytes(2 * 1024**2)),
    }
    assert holds(answers[problem](), "verify")["code"] == problem


def test_the_document_for_neighbours_says_what_every_state_means_for_them() -> None:
    text = (Path(__file__).parents[4] / "docs" / "neighbours.md").read_text("utf-8")
    assert [state for state in State if f"`{state}`" not in text] == []
    of_any = {"bad_request", "not_found", "method", "answered", "ours"}
    codes = {problem.code for problem in Problem} - of_any
    assert [code for code in codes if f"`{code}`" not in text] == []
