"""Expressions and forms mean here what they mean to ODK Collect; where not, it says why."""

import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from central.services import making
from localservices.applications.xforms import reading
from localservices.applications.xforms.errors import ExpressionError
from localservices.applications.xforms.evaluate import evaluate
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.parser import parse
from localservices.applications.xforms.scope import scope
from localservices.applications.xforms.values import to_text
from tests.localservices.applications.xforms.device import a_device
from tests.localservices.applications.xforms.javarosa import Oracle

FOLDER = Path(__file__).parent / "oracle"
VALUES = [
    "/data/number",
    "/data/half",
    "/data/zero",
    "/data/none",
    "/data/word",
    "3",
    "'3'",
    "'x'",
    "''",
    "-1.5",
]
OPERATORS = ("+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or")
OF_ONE = [
    "string",
    "number",
    "boolean",
    "not",
    "int",
    "round",
    "abs",
    "sqrt",
    "exp",
    "log10",
    "sin",
    "atan",
    "string-length",
    "normalize-space",
    "boolean-from-string",
    "count-selected",
]
OF_DATES = ("/data/day", "/data/moment", "'2020-01-31'", "'2020-12-31'", "18000", "'1969-07-20'")
PATTERNS = ("%Y-%m-%d", "%y/%n/%e", "%d.%m.%Y", "%b %e", "%a", "%H:%M", "%h %S.%3")
# Where we differ, and why.
KNOWN = {
    "/data/item[2]/price": "JavaRosa counts a bare number in a path from 0; XPath, and we, from 1",
    "position(/data/item[2])": "for the same reason",
    "instance('towns')/all/item[2]/name": "for the same reason",
    "decimal-time('06:30:00.000+00:00')": "JavaRosa takes it of answers only, the documents of all",
    "decimal-time('12:00:00.000Z')": "for the same reason",
    "../data/number": "JavaRosa goes above the root; there is nothing there",
}
_REFUSED = ("count-selected(",)  # of a number: JavaRosa gives an error, we count its text


def expressions() -> Iterator[str]:
    for left, operator, right in product(VALUES, OPERATORS, VALUES):
        yield f"{left} {operator} {right}"
    for name, value in product(OF_ONE, VALUES):
        yield f"{name}({value})"
    for value, pattern in product(OF_DATES, PATTERNS):
        yield f"format-date-time({value}, '{pattern}')"
    for name, value in product(("date", "decimal-date-time", "number", "string"), OF_DATES):
        yield f"{name}({value})"
    yield from (FOLDER / "expressions.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    oracle = Oracle(tmp_path_factory.mktemp("oracle"))
    yield oracle
    oracle.end()


def ours(filling: Filling, expression: str) -> str | None:
    try:
        value = evaluate(parse(expression), scope(filling.world, filling.root))
        return to_text(value, filling.device.zone())
    except ExpressionError:
        return None


def same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    try:
        left, right = float(one), float(other)
    except ValueError:
        return one == other
    return left == right or math.isclose(left, right, rel_tol=1e-9) or f"{left}{right}" == "nannan"


def test_every_expression_means_what_it_means_to_odk_collect(oracle: Oracle) -> None:
    form = FOLDER / "form.xml"
    oracle.take(form)
    filling = Filling(reading.read(form.read_bytes()), a_device())
    asked = list(expressions())
    differing = []
    for expression in asked:
        theirs, mine = oracle.ask("EVAL", "/data", expression), ours(filling, expression)
        refused = theirs is None and expression.startswith(_REFUSED)
        if not same(mine, theirs) and expression not in KNOWN and not refused:
            differing.append(f"{expression}: ours {mine!r}, theirs {theirs!r}")
    assert len(asked) >= 1_500
    assert differing == []


ANSWERS = {
    "bond-pledge": [
        ("pledge/kind", "bond"),
        ("pledge/bonds", "3"),
        ("pledge/kind", "donation"),
        ("pledge/gift", "25.5"),
    ],
    "court-decision": [
        ("case/role", "representative"),
        ("case/case_number", "201/1234/25"),
        ("delivery/how", "email"),
    ],
    "damaged-property": [
        ("property/owner", "tenant"),
        ("damage/level", "minor"),
        ("property/owner", "sole"),
        ("damage/parts", "windows roof"),
        ("property/ownership_document", "x"),
    ],
    "edocument-request": [
        ("papers/had", "id_card birth"),
        ("witnesses/has_witness", "yes"),
        ("papers/had", "none"),
    ],
    "entrepreneur-grant": [
        ("business/registered", "yes"),
        ("plan/amount", "100000"),
        ("plan/jobs", "3"),
        ("business/field", "other"),
        ("plan/jobs", "0"),
    ],
    "licence-renewal": [
        ("licence/reason", "lost"),
        ("licence/reason", "name"),
        ("portrait/delivery", "post"),
    ],
    "pension-certificate": [
        ("pension/kind", "disability"),
        ("pension/why", "lost"),
        ("payment/method", "bank"),
    ],
    "residency-change": [("move/right", "consent"), ("child[1]/child_name", "Петро")],
    "vehicle-transfer": [("agreement/deal", "bought"), ("agreement/price", "1000.50")],
    "residence-notice": [("home/county", "37"), ("home/right", "own"), ("home/right", "consent")],
}


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_whole_form_goes_the_same_way_answer_by_answer(
    name: str, oracle: Oracle, tmp_path: Path
) -> None:
    service = making.of_folder(next(one for one in making.shipped() if one.name == name))
    path = tmp_path / "form.xml"
    path.write_bytes(service.form)
    oracle.take(path)
    filling = Filling(reading.read(service.form), a_device())
    for where, answer in ANSWERS[name]:
        place = f"/data/{where}"
        assert oracle.ask("SET", place, answer) is not None
        filling.put(place, answer)
        theirs = dict(
            one.partition("=")[::2]
            for one in (oracle.ask("DUMP") or "").split("\t")
            if one and "meta" not in one
        )
        mine = {
            filling.address(node): node.text
            for node in _leaves(filling.root)
            if node.counts() and "meta" not in node.names()
        }
        assert mine.keys() == theirs.keys(), where
        differing = {k: (mine[k], theirs[k]) for k in mine if not same(mine[k], theirs[k])}
        assert differing == {}, where


def _leaves(root: Node) -> list[Node]:
    return [one for one in root.everything() if not one.children and not one.is_attribute]
