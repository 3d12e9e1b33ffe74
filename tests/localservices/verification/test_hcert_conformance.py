"""Every real case of the EU's test suite that lies beside this checkout is judged as expected.

``expected_states.csv`` beside the cases says what each file's flags mean as a verdict. Where a
case is judged otherwise, ``OTHERWISE`` says why; nothing else may differ.

Cases are judged at their own validation clock. Files that do not assert the time check carry
clocks that mean nothing (one stands before the certificate was issued): where the clock alone
decides, these are judged at the moment of issue.
"""

import base64
import csv
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from localservices.verification import trust
from localservices.verification.formats.hcert import judge
from localservices.verification.picture import text_of
from localservices.verification.verdict import State, Verdict

OTHERWISE = {
    # The flag says only that the schema check fails. A signed certificate without the fields that
    # make it one is, in words that staff can act on, not a document that can be read.
    "common/DGC1.json": ("schema_invalid", State.MALFORMED),
}
DISPUTED = "disputed"  # the file's flags contradict its own schema: any honest verdict is right


@dataclass(frozen=True)
class Case:
    name: str
    file: dict[str, Any]
    expected: str
    asserts_time: bool

    def verdict(self) -> Verdict:
        context = self.file["TESTCTX"]
        known = trust.of_certificates([base64.b64decode(context["CERTIFICATE"])])
        at_ms = int(datetime.fromisoformat(context["VALIDATIONCLOCK"]).timestamp() * 1000)
        found = judge(self.file["PREFIX"], known, at_ms)
        by_clock = found.state in (State.EXPIRED, State.NOT_YET_VALID)
        if self.asserts_time or not by_clock or found.not_before_ms is None:
            return found
        return judge(self.file["PREFIX"], known, found.not_before_ms)


@pytest.fixture(scope="module")
def cases(vectors: Path) -> list[Case]:
    folder = vectors / "hcert"
    with (folder / "expected_states.csv").open(encoding="utf-8", newline="") as table:
        return [
            Case(
                row["case"],
                json.loads((folder / row["case"]).read_text("utf-8")),
                row["expected_state"],
                row["time_check_asserted"] == "True",
            )
            for row in csv.DictReader(table)
        ]


def test_every_case_is_judged_as_expected(cases: list[Case]) -> None:
    assert len(cases) > 200
    wrong = {}
    for case in cases:
        state = case.verdict().state
        if case.expected == DISPUTED or OTHERWISE.get(case.name) == (case.expected, state):
            continue
        if state.value not in case.expected.split("|"):
            wrong[case.name] = (case.expected, state.value)
    assert wrong == {}


def test_every_exception_is_still_one(cases: list[Case]) -> None:
    judged = {case.name: case.verdict().state for case in cases if case.name in OTHERWISE}
    assert {name: state for name, (_, state) in OTHERWISE.items()} == judged


def test_a_disputed_case_is_never_called_forged(cases: list[Case]) -> None:
    """Disputed is what the body says, never who signed it."""
    states = {case.verdict().state for case in cases if case.expected == DISPUTED}
    assert states <= {State.VALID, State.MALFORMED}


def test_pictures_give_the_text_that_their_file_says(cases: list[Case]) -> None:
    shown = [case for case in cases if case.file.get("2DCODE")][::40]
    assert len(shown) > 3
    for case in shown:
        assert text_of(base64.b64decode(case.file["2DCODE"])) == case.file["PREFIX"], case.name
