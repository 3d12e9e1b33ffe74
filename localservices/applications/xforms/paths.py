"""Follows paths: from a node, from the root, or in a secondary instance by its index.

As ODK's engine does, an absolute path that runs through the repeat in which the expression
stands means that very repeat, not all of them.
"""

import math
from collections.abc import Callable, Sequence

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.scope import Scope, Table
from localservices.applications.xforms.syntax import (
    Call,
    Chain,
    Expression,
    Path,
    Step,
    walk,
)
from localservices.applications.xforms.values import (
    Value,
    parse_number,
    single,
    to_boolean,
    to_text,
)

Evaluate = Callable[[Expression, Scope], Value]


def follow(path: Path, scope: Scope, evaluate: Evaluate) -> list[Node]:
    """The nodes at a path, without those that are not relevant. Raises EvaluationError."""
    if path.origin is not None:
        found = _filtered(_origin(path.origin, scope, evaluate), path.filters, scope, evaluate)
        steps = path.steps
    elif path.absolute:
        return _relevant(_absolute(path.steps, scope, evaluate), scope)
    else:
        found, steps = [scope.node], path.steps
    for step in steps:
        found = _stepped(found, step, scope, evaluate)
    return _relevant(found, scope)


def _origin(origin: Expression, scope: Scope, evaluate: Evaluate) -> list[Node]:
    value = evaluate(origin, scope)
    if not isinstance(value, list):
        raise EvaluationError("a path begins at something that is no node")
    return value


def _relevant(found: list[Node], scope: Scope) -> list[Node]:
    scope.world.tick(len(found) + 1)
    return [node for node in found if node.counts()]


def _absolute(steps: Sequence[Step], scope: Scope, evaluate: Evaluate) -> list[Node]:
    root = scope.world.root
    if not steps:
        return [root]
    if steps[0].name not in (root.name, "*"):
        return []
    lineage = scope.origin.lineage()
    together = lineage[0] is root
    found = [root]
    for depth, step in enumerate(steps[1:], 1):
        together = together and depth < len(lineage) and lineage[depth].name == step.name
        if together and not step.predicates and step.axis == "child":
            found = [lineage[depth]]
        else:
            found = _stepped(found, step, scope, evaluate)
    return found


def _stepped(found: list[Node], step: Step, scope: Scope, evaluate: Evaluate) -> list[Node]:
    reached: list[Node] = []
    for node in found:
        near = _indexed(node, step, scope, evaluate)
        if near is None:
            near = _filtered(_near(node, step, scope), step.predicates, scope, evaluate)
        reached.extend(near)
    if step.axis == "parent" and len(reached) > 1:
        return list({id(node): node for node in reached}.values())
    return reached


def _near(node: Node, step: Step, scope: Scope) -> list[Node]:
    scope.world.tick(len(node.children) + 1)
    if step.axis == "child":
        return node.named(step.name)
    if step.axis == "attribute":
        if step.name == "*":
            return list(node.attributes.values())
        return [node.attributes[step.name]] if step.name in node.attributes else []
    other = node if step.axis == "self" else node.parent
    return [other] if other is not None and step.name in ("*", other.name) else []


def _filtered(
    found: list[Node], predicates: Sequence[Expression], scope: Scope, evaluate: Evaluate
) -> list[Node]:
    for predicate in predicates:
        size, kept = len(found), []
        for position, node in enumerate(found, 1):
            scope.world.tick()
            value = single(evaluate(predicate, scope.at(node, position, size)), scope.zone)
            if _holds(value, position, scope):
                kept.append(node)
        found = kept
    return found


def _holds(value: Value, position: int, scope: Scope) -> bool:
    if isinstance(value, float) and not isinstance(value, bool):
        return value == position
    return to_boolean(value, scope.zone)


def _indexed(node: Node, step: Step, scope: Scope, evaluate: Evaluate) -> list[Node] | None:
    """Children of a table by the hash of one of their fields; None where no index serves."""
    if step.axis != "child" or not step.predicates:
        return None
    table = next((t for t in scope.world.tables.values() if t.root is _top(node)), None)
    if table is None:
        return None
    wanted = _equality(step.predicates[0])
    if wanted is None:
        return None
    key, expression = wanted
    value = single(evaluate(expression, scope), scope.zone)
    found = _look_up(table, node, (step.name, key), value, scope)
    return _filtered(found, step.predicates, scope, evaluate)


def _top(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _look_up(
    table: Table, node: Node, names: tuple[str, str], value: Value, scope: Scope
) -> list[Node]:
    name, key = names
    place = (id(node), name, key)
    if place not in table.by_text:
        scope.world.tick(len(node.children))
        by_text: dict[str, list[Node]] = {}
        by_number: dict[float, list[Node]] = {}
        for child in node.named(name):
            for text in dict.fromkeys(field.text for field in child.named(key)) or {"": None}:
                by_text.setdefault(text, []).append(child)
                if not math.isnan(number := parse_number(text)):
                    by_number.setdefault(number, []).append(child)
        table.by_text[place], table.by_number[place] = by_text, by_number
    if isinstance(value, float) and not isinstance(value, bool):
        return table.by_number[place].get(value, [])
    return table.by_text[place].get(to_text(value, scope.zone), [])


def _equality(predicate: Expression) -> tuple[str, Expression] | None:
    """The field and the value of the first ``field = value`` that must hold, if any."""
    if any(isinstance(p, Call) and p.name in ("position", "last") for p in walk(predicate)):
        return None
    if not isinstance(predicate, Chain):
        return None
    if predicate.rest[0][0] == "and":
        every = (predicate.first, *(operand for _, operand in predicate.rest))
        return next((found for one in every if (found := _equality(one)) is not None), None)
    if len(predicate.rest) != 1 or predicate.rest[0][0] != "=":
        return None
    left, right = predicate.first, predicate.rest[0][1]
    for one, other in ((left, right), (right, left)):
        name = _field(one)
        if name is not None and not _reads_item(other):
            return name, other
    return None


def _field(expression: Expression) -> str | None:
    match expression:
        case Path(absolute=False, origin=None, steps=(*first, Step("child", name, ()))):
            here = all(step == Step("self", "*") for step in first)
            return name if here and name != "*" else None
        case _:
            return None


def _reads_item(expression: Expression) -> bool:
    """Whether a value depends on the item that a predicate looks at."""
    return any(
        isinstance(one, Path) and not one.absolute and one.origin is None
        for one in walk(expression)
    ) or any(isinstance(one, Call) and one.name in _MOVING for one in walk(expression))


_MOVING = frozenset({"random", "uuid", "once", "last", "position"})
