"""Parses XPath 1.0 in the profile that ODK XForms names: four axes and no variables."""

from localservices.applications.xforms.errors import ExpressionError
from localservices.applications.xforms.lexer import Token, tokens
from localservices.applications.xforms.syntax import (
    Axis,
    Call,
    Chain,
    Expression,
    Negative,
    Number,
    Path,
    Step,
    Text,
)

DEPTH_MAX = 120  # of operators, brackets and calls in each other; long forms nest some 60

_AXES: dict[str, Axis] = {
    "child": "child",
    "parent": "parent",
    "self": "self",
    "attribute": "attribute",
}
_PRECEDENCE = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
    "|": 8,
}


def parse(text: str) -> Expression:
    """Raises ExpressionError with what is wrong and where."""
    parser = _Parser(tokens(text))
    expression = parser.binary(1)
    parser.expect_end()
    return expression


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is(self, *signs: str) -> bool:
        return self._next.kind in ("sign", "operator") and self._next.text in signs

    def _take(self, *signs: str) -> str | None:
        if not self._is(*signs):
            return None
        self._at += 1
        return self._tokens[self._at - 1].text

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise self._wrong(f"{sign!r} is missing")

    def _wrong(self, what: str) -> ExpressionError:
        return ExpressionError(f"{what} at character {self._next.at + 1}")

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self._wrong(f"{self._next.text!r} is not expected")

    def binary(self, lowest: int) -> Expression:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise ExpressionError(f"nested more than {DEPTH_MAX} deep")
        left = self._unary()
        while (precedence := self._precedence()) >= lowest:
            rest: list[tuple[str, Expression]] = []
            while self._precedence() == precedence:
                operator = self._next.text
                self._at += 1
                rest.append((operator, self.binary(precedence + 1)))
            left = Chain(left, tuple(rest))
        self._depth -= 1
        return left

    def _precedence(self) -> int:
        """Of the operator that comes next; 0: none does."""
        return _PRECEDENCE[self._next.text] if self._next.kind == "operator" else 0

    def _unary(self) -> Expression:
        if self._take("-") is not None:
            return Negative(self.binary(7))
        return self._path()

    def _path(self) -> Expression:
        token = self._next
        if self._is("/"):
            self._at += 1
            return Path(True, self._steps() if self._step_begins() else ())
        if token.kind in ("number", "text") or self._is("(") or self._calls():
            return self._located(self._primary())
        if self._step_begins():
            return Path(False, self._steps())
        raise self._wrong(f"{token.text!r} is not expected" if token.text else "it breaks off")

    def _calls(self) -> bool:
        name = self._next
        if name.kind != "name" or name.text == "node":
            return False
        return self._tokens[self._at + 1].text == "("

    def _located(self, origin: Expression) -> Expression:
        filters = self._predicates()
        if self._take("/") is not None:
            return Path(False, self._steps(), origin, filters)
        return Path(False, (), origin, filters) if filters else origin

    def _primary(self) -> Expression:
        token = self._next
        self._at += 1
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "text":
            return Text(token.text)
        if token.kind == "name":
            return Call(token.text, self._operands())
        inside = self.binary(1)
        self._expect(")")
        return inside

    def _operands(self) -> tuple[Expression, ...]:
        self._expect("(")
        if self._take(")") is not None:
            return ()
        operands = [self.binary(1)]
        while self._take(",") is not None:
            operands.append(self.binary(1))
        self._expect(")")
        return tuple(operands)

    def _step_begins(self) -> bool:
        return self._next.kind == "name" or self._is(".", "..", "@")

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while self._take("/") is not None:
            steps.append(self._step())
        if self._is("//"):
            raise self._wrong("'//' is not supported")
        return tuple(steps)

    def _step(self) -> Step:
        short = self._take(".", "..")
        if short is not None:
            return Step("self" if short == "." else "parent", "*", self._predicates())
        axis: Axis = "child"
        if self._take("@") is not None:
            axis = "attribute"
        elif self._axis_named():
            axis = self._axis()
        name = self._name()
        return Step(axis, name, self._predicates())

    def _axis_named(self) -> bool:
        found = self._next
        return found.kind == "name" and self._tokens[self._at + 1].text == "::"

    def _axis(self) -> Axis:
        axis = _AXES.get(self._next.text)
        if axis is None:
            raise self._wrong(f"axis {self._next.text!r} is not supported")
        self._at += 2
        return axis

    def _name(self) -> str:
        token = self._next
        if token.kind != "name":
            raise self._wrong("a name is missing")
        self._at += 1
        if self._is("("):
            self._at += 1
            self._expect(")")
            if token.text != "node":
                raise self._wrong(f"{token.text}() is not supported in a path")
            return "*"
        return token.text.rpartition(":")[2]

    def _predicates(self) -> tuple[Expression, ...]:
        found: list[Expression] = []
        while self._take("[") is not None:
            found.append(self.binary(1))
            self._expect("]")
        return tuple(found)
