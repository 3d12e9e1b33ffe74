"""What an expression is made of, once parsed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Axis = Literal["child", "parent", "self", "attribute"]


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """``name`` is ``*`` for any; a prefix is dropped."""

    axis: Axis
    name: str
    predicates: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """From the root if ``absolute``, from the value of ``origin`` if given, else from here."""

    absolute: bool
    steps: tuple[Step, ...]
    origin: "Expression | None" = None
    filters: tuple["Expression", ...] = ()

    def inside(self) -> Iterator["Expression"]:
        if self.origin is not None:
            yield self.origin
        yield from self.filters
        for step in self.steps:
            yield from step.predicates


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """``first`` and then operator and operand by turns, of one precedence, from the left."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Expression"


Expression = Number | Text | Path | Call | Chain | Negative


def parts(expression: Expression) -> Iterator[Expression]:
    """The expressions directly inside this one."""
    match expression:
        case Path():
            yield from expression.inside()
        case Call():
            yield from expression.operands
        case Chain():
            yield expression.first
            for _, operand in expression.rest:
                yield operand
        case Negative():
            yield expression.operand
        case Number() | Text():
            return


def walk(expression: Expression) -> Iterator[Expression]:
    """This expression and all inside it."""
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(parts(one))
