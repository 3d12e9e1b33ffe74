"""Every real case of the EU's test suite that lies beside this checkout is judged as expected.

Each is judged at the validation clock of its own file. A file expects "valid" if none of its
flags is false; ``expected_states.csv`` beside the cases says what a false one means as a verdict.
Where a case is judged otherwise than its file expects, ``OTHERWISE`` says why.
"""

import base64
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localservices.verification import batch, trust
from localservices.verification.formats.hcert import judge
from localservices.verification.picture import Readers
from localservices.verification.verdict import State, Verdict

READERS = Readers()
_BORN_LATER = (
    State.VALID,
    "Flagged against the schema: born 2023-01-01, after the test or vaccination. No schema has"
    " such a rule, the body passes the one it names, and staff see the date of birth. Upstream"
    " calls the flags of these files unreliable (dgc-testdata issue 107).",
)
_NAME_IN_PICTURES = (
    State.VALID,
    "Flagged against the schema: a forename of emoji whose standardised form is empty. The schema"
    " asks for either standardised name, and the surname has one. Upstream calls the flags of"
    " these files unreliable (dgc-testdata issue 107).",
)
OTHERWISE = {
    "LU/INCERT_R_DCC_Recovery.json": (
        State.NOT_YET_VALID,
        "The file's clock stands before the moment of issue, and the file asserts nothing of time:"
        " at that clock nobody may call it valid.",
    ),
    "SK/3.json": (
        State.MALFORMED,
        "Two vaccinations in one certificate. The schema allows one (maxItems), and the suite's own"
        " list of checks wants such a document refused (DGC2); dgc-testdata issue 357.",
    ),
    "NL/015-NL-test.json": _BORN_LATER,
    "NL/039-NL-test.json": _BORN_LATER,
    "NL/063-NL-test.json": _BORN_LATER,
    "NL/087-NL-vaccination.json": _BORN_LATER,
    "NL/111-NL-vaccination.json": _BORN_LATER,
    "NL/135-NL-vaccination.json": _BORN_LATER,
    "NL/159-NL-recovery.json": _BORN_LATER,
    "NL/183-NL-recovery.json": _BORN_LATER,
    "NL/207-NL-recovery.json": _BORN_LATER,
    "NL/066-NL-test.json": _NAME_IN_PICTURES,
    "NL/069-NL-test.json": _NAME_IN_PICTURES,
    "NL/138-NL-vaccination.json": _NAME_IN_PICTURES,
    "NL/141-NL-vaccination.json": _NAME_IN_PICTURES,
    "NL/210-NL-recovery.json": _NAME_IN_PICTURES,
    "NL/213-NL-recovery.json": _NAME_IN_PICTURES,
}
# The table's words for states that have another name here. A signed body that fails the schema is,
# in words that staff can act on, not a document that can be read.
SAME = {"schema_invalid": State.MALFORMED}
DISPUTED = "disputed"  # the file's flags contradict its own schema, and the table leaves it open


@dataclass(frozen=True)
class Case:
    name: str
    file: dict[str, Any]
    expected: str

    @property
    def expects_valid(self) -> bool:
        return all(self.file["EXPECTEDRESULTS"].values())

    def verdict(self) -> Verdict:
        context = self.file["TESTCTX"]
        known = trust.of_base64([context["CERTIFICATE"]])
        return judge(self.file["PREFIX"], known, batch.unix_ms(context["VALIDATIONCLOCK"]))


@pytest.fixture(scope="module")
def cases(vectors: Path) -> list[Case]:
    folder = vectors / "hcert"
    with (folder / "expected_states.csv").open(encoding="utf-8", newline="") as table:
        return [
            Case(
                row["case"],
                json.loads((folder / row["case"]).read_text("utf-8")),
                row["expected_state"],
            )
            for row in csv.DictReader(table)
        ]


def test_every_case_beside_this_checkout_is_run(cases: list[Case], vectors: Path) -> None:
    folders = [path for path in (vectors / "hcert").iterdir() if path.name != "schemas"]
    files = {path for folder in folders for path in folder.glob("**/*.json")}
    assert len(files) == len(cases) > 200


def test_every_case_is_judged_as_its_file_expects_or_it_is_said_why(cases: list[Case]) -> None:
    otherwise = {}
    for case in cases:
        state = case.verdict().state
        if (state is State.VALID) != case.expects_valid:
            otherwise[case.name] = state
    assert otherwise == {name: state for name, (state, _) in OTHERWISE.items()}


def test_every_refused_case_is_refused_for_what_is_wrong_with_it(cases: list[Case]) -> None:
    wrong = {}
    for case in cases:
        state = case.verdict().state
        expected = {SAME.get(word, word) for word in case.expected.split("|")}
        if case.expected != DISPUTED and case.name not in OTHERWISE and state not in expected:
            wrong[case.name] = (case.expected, state)
    assert wrong == {}


def test_a_disputed_case_is_never_called_forged(cases: list[Case]) -> None:
    """Disputed is what the body says, never who signed it."""
    states = {case.verdict().state for case in cases if case.expected == DISPUTED}
    assert states <= {State.VALID, State.MALFORMED}


def test_pictures_give_the_text_that_their_file_says(cases: list[Case]) -> None:
    shown = [case for case in cases if case.file.get("2DCODE")][::40]
    assert len(shown) > 3
    for case in shown:
        picture = base64.b64decode(case.file["2DCODE"])
        assert READERS.texts(picture) == [case.file["PREFIX"]], case.name
