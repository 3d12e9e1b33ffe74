"""Functions that look at their operands before these are worked out, or at where they stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.paths import Evaluate
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.syntax import Expression, Number, Path, Step
from localservices.applications.xforms.values import (
    Value,
    single,
    to_boolean,
    to_number,
    to_text,
)

Operands = Sequence[Expression]


def _if(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    holds = to_boolean(evaluate(operands[0], scope), scope.zone)
    return evaluate(operands[1] if holds else operands[2], scope)


def _coalesce(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    for operand in operands[:-1]:
        value = single(evaluate(operand, scope), scope.zone)
        if value != "":
            return value
    return evaluate(operands[-1], scope)


def _once(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    """What stands there already, else the value."""
    kept = single([scope.node], scope.zone)
    return evaluate(operands[0], scope) if kept == "" else kept


def _position(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    if operands:
        found = evaluate(operands[0], scope)
        if not isinstance(found, list) or not found:
            raise EvaluationError("position() asks about something that is no node")
        return float(found[0].position())
    if scope.position is not None:
        return float(scope.position)
    return float(scope.node.position())


def _last(_operands: Operands, scope: Scope, _evaluate: Evaluate) -> Value:
    return float(scope.size)


def _current(_operands: Operands, scope: Scope, _evaluate: Evaluate) -> Value:
    return [scope.origin]


def _instance(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    name = to_text(evaluate(operands[0], scope), scope.zone)
    table = scope.world.tables.get(name)
    if table is None:
        raise EvaluationError(f"there is no instance {name!r}")
    return [table.root]


def _indexed_repeat(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    """The target path again, with a position at the step of each repeat."""
    target = absolute(operands[0], scope.origin)
    steps = [Step("child", step.name) for step in target]
    for repeat, index in zip(operands[1::2], operands[2::2], strict=True):
        depth = len(absolute(repeat, scope.origin))
        number = to_number(evaluate(index, scope), scope.zone)
        if [s.name for s in steps[:depth]] != [s.name for s in absolute(repeat, scope.origin)]:
            raise EvaluationError("indexed-repeat() names a repeat that the question is not in")
        steps[depth - 1] = replace(steps[depth - 1], predicates=(Number(number),))
    return evaluate(Path(True, tuple(steps)), scope)


def absolute(expression: Expression, origin: Node) -> tuple[Step, ...]:
    """The steps of a path from the root, by names alone. Raises EvaluationError."""
    if not isinstance(expression, Path):
        raise EvaluationError("a path is wanted")
    names = [] if expression.absolute else list(origin.names())
    for step in expression.steps:
        if step.axis == "child":
            names.append(step.name)
        elif step.axis == "parent" and names:
            names.pop()
    return tuple(Step("child", name) for name in names)


def _choice_name(operands: Operands, scope: Scope, evaluate: Evaluate) -> Value:
    """The label of the choice with that value; the question is named by the text of its path."""
    value = to_text(evaluate(operands[0], scope), scope.zone)
    question = evaluate(operands[1], scope)
    if isinstance(question, str):
        from_text = special_path(question)
        question = evaluate(from_text, scope)
    if not isinstance(question, list) or not question:
        return ""
    return scope.world.label(value, question[0])


def special_path(text: str) -> Path:
    """A path that stands in a text, as ``jr:choice-name`` is given it."""
    steps = [part for part in text.strip().split("/") if part]
    kinds = {"..": Step("parent", "*"), ".": Step("self", "*")}
    return Path(
        text.strip().startswith("/"),
        tuple(kinds.get(part, Step("child", part.rpartition(":")[2])) for part in steps),
    )


Special = Callable[[Operands, Scope, Evaluate], Value]

FORMS: dict[str, Special] = {
    "if": _if,
    "coalesce": _coalesce,
    "once": _once,
    "position": _position,
    "last": _last,
    "current": _current,
    "instance": _instance,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
}
