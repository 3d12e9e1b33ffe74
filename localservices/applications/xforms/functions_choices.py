"""Functions of choices, of truth, and of sets of nodes."""

import math

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.functions_numbers import numbers
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.values import (
    Value,
    to_boolean,
    to_number,
    to_text,
)

_MODULUS, _FACTOR = 2_147_483_647, 48_271  # Park and Miller's generator, as ODK's engines use


def _selected(scope: Scope, values: list[Value]) -> Value:
    wanted = to_text(values[1], scope.zone).strip()
    return wanted in to_text(values[0], scope.zone).split()


def _selected_at(scope: Scope, values: list[Value]) -> Value:
    chosen = to_text(values[0], scope.zone).split()
    at = to_number(values[1], scope.zone)
    return chosen[int(at)] if math.isfinite(at) and 0 <= int(at) < len(chosen) else ""


def _count_selected(scope: Scope, values: list[Value]) -> Value:
    return float(len(to_text(values[0], scope.zone).split()))


def _boolean(scope: Scope, values: list[Value]) -> Value:
    return to_boolean(values[0], scope.zone)


def _not(scope: Scope, values: list[Value]) -> Value:
    return not to_boolean(values[0], scope.zone)


def _checklist(scope: Scope, values: list[Value]) -> Value:
    least, most = (to_number(one, scope.zone) for one in values[:2])
    held = sum(_truths(scope, values[2:]))
    return (least < 0 or held >= least) and (most < 0 or held <= most)


def _weighted(scope: Scope, values: list[Value]) -> Value:
    least, most = (to_number(one, scope.zone) for one in values[:2])
    held = _truths(scope, values[2::2])
    weights = numbers(scope, values[3::2])
    if len(held) != len(weights):
        raise EvaluationError("weighted-checklist() takes a weight for each value")
    total = sum(weight for truth, weight in zip(held, weights, strict=True) if truth)
    return least <= total <= most


def _truths(scope: Scope, values: list[Value]) -> list[bool]:
    found: list[bool] = []
    for value in values:
        if isinstance(value, list):
            found.extend(to_boolean([node], scope.zone) for node in value)
        else:
            found.append(to_boolean(value, scope.zone))
    return found


def _randomize(scope: Scope, values: list[Value]) -> Value:
    """The nodes in another order; the same seed gives the same (ODK XForms, "randomize")."""
    if not isinstance(values[0], list):
        raise EvaluationError("randomize() shuffles nodes only")
    shuffled = list(values[0])
    share = scope.world.device.share() * _MODULUS
    seed = to_number(values[1], scope.zone) if len(values) > 1 else share
    state = int(seed) % _MODULUS if math.isfinite(seed) else 0
    if state <= 0:
        state += _MODULUS - 1
    for at in range(len(shuffled) - 1, 0, -1):
        state = state * _FACTOR % _MODULUS
        other = int((state - 1) / (_MODULUS - 1) * (at + 1))
        shuffled[at], shuffled[other] = shuffled[other], shuffled[at]
    return shuffled


def _pulldata(scope: Scope, values: list[Value]) -> Value:
    """A field of the first row of a table in which another field has a value."""
    name, wanted, key, value = (to_text(one, scope.zone) for one in values)
    table = scope.world.tables.get(name)
    if table is None:
        raise EvaluationError(f"there is no file {name!r}")
    for row in table.root.children[0].children:
        scope.world.tick()
        if _field(row, key) == value:
            return _field(row, wanted)
    return ""


def _field(row: Node, name: str) -> str:
    return next((field.text for field in row.named(name)), "")


FUNCTIONS = {
    "selected": (2, 2, _selected),
    "is-selected": (2, 2, _selected),
    "selected-at": (2, 2, _selected_at),
    "count-selected": (1, 1, _count_selected),
    "boolean": (1, 1, _boolean),
    "not": (1, 1, _not),
    "true": (0, 0, lambda _scope, _values: True),
    "false": (0, 0, lambda _scope, _values: False),
    "checklist": (3, None, _checklist),
    "weighted-checklist": (4, None, _weighted),
    "randomize": (1, 2, _randomize),
    "pulldata": (4, 4, _pulldata),
}
