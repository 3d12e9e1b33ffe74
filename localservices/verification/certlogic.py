"""CertLogic 1.3: the expressions in which the EU's countries write rules for health certificates.

By the specification of the EU eHealth Network (eu-dcc-business-rules, certlogic/specification). An
expression is a stranger's program: it is deep, long and wide only so far, and reaches nothing but
the data that it is given.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from localservices.verification import certlogic_dates as dates

DEPTH_MAX = 100  # rules in use nest some 20 deep
STEPS_MAX = 50_000  # rules in use take some hundred; a list that is searched counts its items
TEXT_CHARS_MAX = 1_000  # of a date or an identifier
INTEGER_MAX = 2**53 - 1  # what every implementation counts exactly

Evaluated = Any  # JSON, or a datetime, which only two operations make


class LogicError(Exception):
    """The expression says nothing of these data, or is none."""


def evaluate(expression: object, data: object) -> Evaluated:
    """Give the value of an expression over ``data``. Raises LogicError."""
    try:
        return _Run().value(expression, data)
    except (ValueError, OverflowError) as error:
        raise LogicError(str(error)) from error


def is_integer(value: object) -> bool:
    """Whole numbers; JSON does not tell 2.0 from 2, and neither does CertLogic."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def truth(value: object) -> bool:
    """Whether a value is truthy. Raises LogicError if it is neither that nor falsy."""
    if value is None or isinstance(value, bool | str | list | tuple | Mapping) or is_integer(value):
        return bool(value)
    raise LogicError("neither truthy nor falsy")


class _Run:
    """One evaluation, which counts its steps."""

    def __init__(self) -> None:
        self._steps = self._depth = 0
        self._operations: dict[str, Callable[[Sequence[Any], Any], Evaluated]] = {
            "if": self._if,
            "and": self._and,
            "!": lambda operands, data: not truth(self.value(_only(operands), data)),
            "plusTime": self._plus_time,
            "dccDateOfBirth": self._birth,
            "extractFromUVCI": self._extract,
            "reduce": self._reduce,
        }

    def value(self, expression: object, data: object) -> Evaluated:
        self._steps += 1
        if self._steps > STEPS_MAX or self._depth >= DEPTH_MAX:
            raise LogicError("too long or too deep")
        if isinstance(expression, str | bool) or is_integer(expression):
            return expression
        self._depth += 1
        try:
            if isinstance(expression, list | tuple):
                return [self.value(item, data) for item in expression]
            return self._operation(expression, data)
        finally:
            self._depth -= 1

    def _operation(self, expression: object, data: object) -> Evaluated:
        if not isinstance(expression, Mapping) or len(expression) != 1:
            raise LogicError("no expression")
        [(name, operands)] = expression.items()
        if name == "var":
            return accessed(data, operands)
        if not isinstance(operands, list | tuple) or not operands:
            raise LogicError("operands are a list")
        if name in self._operations:
            return self._operations[name](operands, data)
        if name not in _INFIX:
            raise LogicError("no such operation")
        most, found = _INFIX[name]
        if not 2 <= len(operands) <= most:
            raise LogicError("too few or too many operands")
        values = [self.value(operand, data) for operand in operands]
        self._steps += sum(len(value) for value in values if isinstance(value, list | tuple))
        return found(values)

    def _if(self, operands: Sequence[Any], data: object) -> Evaluated:
        guard, then, otherwise = _three(operands)
        return self.value(then if truth(self.value(guard, data)) else otherwise, data)

    def _and(self, operands: Sequence[Any], data: object) -> Evaluated:
        if len(operands) < 2:
            raise LogicError("too few operands")
        found: Evaluated = True
        for operand in operands:
            found = self.value(operand, data)
            if not truth(found):
                return found
        return found

    def _plus_time(self, operands: Sequence[Any], data: object) -> datetime:
        operand, amount, unit = _three(operands)
        if not is_integer(amount) or unit not in dates.UNITS:
            raise LogicError("no amount, or no unit, of time")
        return dates.plus(dates.read(_text(self.value(operand, data))), int(amount), unit)

    def _birth(self, operands: Sequence[Any], data: object) -> datetime:
        return dates.read_birth(_text(self.value(_only(operands), data)))

    def _extract(self, operands: Sequence[Any], data: object) -> str | None:
        if len(operands) != 2 or not is_integer(operands[1]):
            raise LogicError("operands are an identifier and an index")
        found = self.value(operands[0], data)
        return None if found is None else fragment(_text(found), int(operands[1]))

    def _reduce(self, operands: Sequence[Any], data: object) -> Evaluated:
        operand, each, initial = _three(operands)
        items = self.value(operand, data)
        if items is not None and not isinstance(items, list | tuple):
            raise LogicError("only a list can be reduced")
        found = self.value(initial, data)
        for item in items or ():
            found = self.value(each, {"accumulator": found, "current": item})
        return found


def accessed(data: object, path: object) -> Evaluated:
    """What stands at a path such as ``payload.v.0.dn``; None: nothing. Raises LogicError."""
    if not isinstance(path, str):
        raise LogicError("a path is a text")
    for part in path.split(".") if path else ():
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list | tuple) and part.isascii() and part.isdigit():
            data = data[int(part)] if len(part) < 10 and int(part) < len(data) else None
        else:
            return None
    return data


def fragment(identifier: str, index: int) -> str | None:
    """One part of a certificate's identifier (UVCI), counted from 0; None: there is no such."""
    parts = identifier.removeprefix("URN:UVCI:").replace("/", ":").replace("#", ":").split(":")
    return parts[index] if 0 <= index < len(parts) else None


def _only(operands: Sequence[Any]) -> Any:
    if len(operands) != 1:
        raise LogicError("one operand")
    return operands[0]


def _three(operands: Sequence[Any]) -> Sequence[Any]:
    if len(operands) != 3:
        raise LogicError("three operands")
    return operands


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
        raise LogicError("only a short text can be read")
    return value


def _same(left: object, right: object) -> bool:
    """Equality without conversion: as in the reference, lists and objects equal but themselves."""
    if is_integer(left) and is_integer(right):
        return left == right
    if isinstance(left, str | float) and type(left) is type(right):
        return left == right
    return left is right


def _contains(operands: list[Any]) -> bool:
    item, items = operands
    if not isinstance(items, list | tuple):
        raise LogicError("only a list contains things")
    return any(_same(item, other) for other in items)


def _sum(operands: list[Any]) -> int:
    if not all(map(is_integer, operands)):
        raise LogicError("only integers are added")
    total = sum(int(operand) for operand in operands)
    if abs(total) > INTEGER_MAX:
        raise LogicError("too large a number")
    return total


def _in_order(
    fits: Callable[[object], bool], holds: Callable[[Any, Any], bool]
) -> Callable[[list[Any]], bool]:
    """Compare each operand with the next, all of one kind."""

    def compare(operands: list[Any]) -> bool:
        if not all(map(fits, operands)):
            raise LogicError("operands are not of the kind that is compared here")
        return all(holds(left, right) for left, right in pairwise(operands))

    return compare


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime)


# Name: how many operands at most (at least two), and what to make of their values.
_INFIX: dict[object, tuple[int, Callable[[list[Any]], Evaluated]]] = {
    "===": (2, lambda operands: _same(*operands)),
    "in": (2, _contains),
    "+": (2, _sum),
    ">": (3, _in_order(is_integer, lambda left, right: left > right)),
    "<": (3, _in_order(is_integer, lambda left, right: left < right)),
    ">=": (3, _in_order(is_integer, lambda left, right: left >= right)),
    "<=": (3, _in_order(is_integer, lambda left, right: left <= right)),
    "after": (3, _in_order(_is_moment, lambda left, right: left > right)),
    "before": (3, _in_order(_is_moment, lambda left, right: left < right)),
    "not-before": (3, _in_order(_is_moment, lambda left, right: left >= right)),
    "not-after": (3, _in_order(_is_moment, lambda left, right: left <= right)),
}
