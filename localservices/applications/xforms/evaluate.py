"""Works out an expression in a scope. Nothing but EvaluationError is raised, whatever it is."""

import math
from collections.abc import Callable
from datetime import datetime

from localservices.applications.xforms import paths, special
from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.functions import FUNCTIONS
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.syntax import (
    Call,
    Chain,
    Expression,
    Negative,
    Number,
    Path,
    Text,
)
from localservices.applications.xforms.values import (
    Single,
    Value,
    single,
    to_boolean,
    to_number,
    to_text,
)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """Raises EvaluationError."""
    try:
        return _value(expression, scope)
    except (ArithmeticError, ValueError, RecursionError) as error:
        raise EvaluationError(f"has no value here: {error}") from error


def _value(expression: Expression, scope: Scope) -> Value:
    scope.world.tick()
    match expression:
        case Number(value) | Text(value):
            return value
        case Path():
            return paths.follow(expression, scope, _value)
        case Call():
            return _call(expression, scope)
        case Negative():
            return -to_number(_value(expression.operand, scope), scope.zone)
        case Chain():
            return _chain(expression, scope)


def _call(call: Call, scope: Scope) -> Value:
    if call.name in special.FORMS:
        return special.FORMS[call.name](call.operands, scope, _value)
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise EvaluationError(f"there is no function {call.name}()")
    return function.run(scope, [_value(operand, scope) for operand in call.operands])


def _chain(chain: Chain, scope: Scope) -> Value:
    value = _value(chain.first, scope)
    for operator, operand in chain.rest:
        scope.world.tick()
        if operator in ("and", "or"):
            held = to_boolean(value, scope.zone)
            if held is (operator == "or"):
                return held
            value = to_boolean(_value(operand, scope), scope.zone)
        else:
            value = _OPERATORS[operator](value, _value(operand, scope), scope)
    return value


def _arithmetic(work: Callable[[float, float], float]) -> Callable[[Value, Value, Scope], Value]:
    def run(left: Value, right: Value, scope: Scope) -> Value:
        return work(to_number(left, scope.zone), to_number(right, scope.zone))

    return run


def _divided(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right != 0 and math.isfinite(left) else math.nan


def _equal(left: Value, right: Value, scope: Scope) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        if not left and not right:
            return True
        return any(
            _same(single([one], scope.zone), single([other], scope.zone), scope)
            for one in left
            for other in right
        )
    return _same(single(left, scope.zone), single(right, scope.zone), scope)


def _same(left: Single, right: Single, scope: Scope) -> bool:
    zone = scope.zone
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left, zone) == to_boolean(right, zone)
    if isinstance(left, float) or isinstance(right, float):
        one, other = to_number(left, zone), to_number(right, zone)
        return abs(one - other) < 1e-12 or one == other
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left == right
    return to_text(left, zone) == to_text(right, zone)


def _order(holds: Callable[[float, float], bool]) -> Callable[[Value, Value, Scope], Value]:
    def run(left: Value, right: Value, scope: Scope) -> Value:
        one, other = _comparable(left, scope), _comparable(right, scope)
        return holds(one, other)

    return run


def _comparable(value: Value, scope: Scope) -> float:
    return to_number(single(value, scope.zone), scope.zone)


def _union(left: Value, right: Value, _scope: Scope) -> Value:
    if not isinstance(left, list) or not isinstance(right, list):
        raise EvaluationError("'|' joins nodes only")
    return list({id(node): node for node in left + right}.values())


_OPERATORS: dict[str, Callable[[Value, Value, Scope], Value]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "div": _arithmetic(_divided),
    "mod": _arithmetic(_remainder),
    "=": _equal,
    "!=": lambda left, right, scope: not _equal(left, right, scope),
    "<": _order(lambda a, b: a < b),
    "<=": _order(lambda a, b: a <= b),
    ">": _order(lambda a, b: a > b),
    ">=": _order(lambda a, b: a >= b),
    "|": _union,
}
