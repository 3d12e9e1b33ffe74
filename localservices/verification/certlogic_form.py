"""Whether a CertLogic expression has the form that its specification asks for, before it is run.

The sentences are those of the published validation suite; they are for who writes rules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localservices.verification.certlogic import DEPTH_MAX, is_integer
from localservices.verification.certlogic_dates import UNITS

_PATH = re.compile(r"[^.]+(\.[^.]+)*", re.DOTALL)
_TWO = ("===", "in", "+")
_TWO_OR_THREE = ("<", ">", "<=", ">=", "after", "before", "not-after", "not-before")
# How many operands: those that are expressions come first, then literals.
_EXACTLY = {"if": 3, "reduce": 3, "plusTime": 3, "extractFromUVCI": 2, "dccDateOfBirth": 1}
_EXPRESSIONS = {"plusTime": 1, "extractFromUVCI": 1, "!": 1} | dict.fromkeys(_TWO_OR_THREE, 3)


@dataclass(frozen=True, slots=True)
class Issue:
    """What is amiss with a part of an expression."""

    expression: Any
    message: str


def issues(expression: object, depth: int = 0) -> list[Issue]:
    """Everything that is amiss; nothing: the expression may be evaluated."""
    if isinstance(expression, str | bool) or is_integer(expression):
        return []
    if depth >= DEPTH_MAX:
        return [Issue(expression, "nested too deeply")]
    if isinstance(expression, float):
        return [Issue(expression, f"{expression} is a non-integer number")]
    if isinstance(expression, list | tuple):
        return _of_all(expression, depth)
    if isinstance(expression, Mapping):
        return _of_object(expression, depth)
    return [Issue(expression, "invalid CertLogic expression")]


def _of_all(expressions: Sequence[Any], depth: int) -> list[Issue]:
    return [issue for one in expressions for issue in issues(one, depth + 1)]


def _of_object(expression: Mapping[Any, Any], depth: int) -> list[Issue]:
    if len(expression) != 1:
        message = f"expression object must have exactly one key, but it has {len(expression)}"
        return [Issue(expression, message)]
    [(name, operands)] = expression.items()
    if name == "var":
        return [Issue(expression, message) for message in _of_path(operands)]
    if not isinstance(operands, list | tuple):
        return [Issue(expression, 'operation not of the form { "<operator>": [ <values...> ] }')]
    if name not in ("!", "and", *_TWO, *_TWO_OR_THREE, *_EXACTLY):
        return [Issue(expression, f'unrecognised operator: "{name}"')]
    counted = [Issue(expression, message) for message in _of_count(name, len(operands))]
    if name == "!" and counted:
        return counted
    most = 2 if name in _TWO else _EXPRESSIONS.get(name, _EXACTLY.get(name))
    literals = [Issue(expression, message) for message in _of_literals(name, operands)]
    return [*counted, *_of_all(operands[:most], depth), *literals]


def _of_path(path: object) -> list[str]:
    if not isinstance(path, str):
        return ['not of the form { "var": "<path>" }']
    if path and not _PATH.fullmatch(path):
        return [f"data access path doesn't have a valid format: {path}"]
    return []


def _of_count(name: str, count: int) -> list[str]:
    but = f"but it has {count}"
    article = "an" if name in ("if", "extractFromUVCI") else "a"
    operation = f'an operation with operator "{name}" must have'
    if name == "!" and count != 1:
        return [f"a !-operation (logical not/negation) must have exactly 1 operand, {but}"]
    if name == "and" and count < 2:
        return [f'an "and" operation must have at least 2 operands, {but}']
    if name in _TWO and count != 2:
        return [f"{operation} 2 operands, {but}"]
    if name in _TWO_OR_THREE and not 2 <= count <= 3:
        return [f"{operation} 2 or 3 operands, {but}"]
    exactly = _EXACTLY.get(name, count)
    if count != exactly:
        return [f'{article} "{name}"-operation must have exactly {exactly} values/operands, {but}']
    return []


def _of_literals(name: str, operands: Sequence[Any]) -> list[str]:
    """The operands that are never evaluated: an amount, a unit, an index."""
    found = []
    number = {"plusTime": "amount", "extractFromUVCI": "index"}.get(name)
    if number and len(operands) > 1 and not is_integer(operands[1]):
        but = f"but it is: {_shown(operands[1])}"
        found.append(f'"{number}" argument (#2) of "{name}" must be an integer, {but}')
    if name == "plusTime" and len(operands) > 2 and operands[2] not in UNITS:
        units = f"must be a string equal to one of {', '.join(UNITS)}"
        found.append(f'"unit" argument (#3) of "{name}" {units}, but it is: {_shown(operands[2])}')
    return found


def _shown(value: object) -> str:
    """As the suite's own language writes a value into a sentence."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ",".join("" if item is None else _shown(item) for item in value)
        case Mapping():
            return "[object Object]"
        case _:
            return str(value)
