"""Every function of an expression that takes values: what ODK XForms documents, by its name.

Those that look at their operands unworked are in ``special``. Source: the ODK XForms
specification, section "XPath functions".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localservices.applications.xforms import (
    functions_choices,
    functions_dates,
    functions_numbers,
    functions_places,
    functions_text,
)
from localservices.applications.xforms.errors import ExpressionError
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.syntax import Call, Expression, walk
from localservices.applications.xforms.values import Value

Work = Callable[[Scope, list[Value]], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """``most`` None: any number of operands."""

    least: int
    most: int | None
    run: Work


FUNCTIONS: Mapping[str, Function] = {
    name: Function(*told)
    for part in (
        functions_text.FUNCTIONS,
        functions_numbers.FUNCTIONS,
        functions_dates.FUNCTIONS,
        functions_choices.FUNCTIONS,
        functions_places.FUNCTIONS,
    )
    for name, told in part.items()
}

SPECIAL: Mapping[str, tuple[int, int | None]] = {
    "if": (3, 3),
    "coalesce": (2, None),
    "once": (1, 1),
    "position": (0, 1),
    "last": (0, 0),
    "current": (0, 0),
    "instance": (1, 1),
    "indexed-repeat": (3, None),
    "jr:choice-name": (2, 2),
}


def check(expression: Expression) -> None:
    """Raises ExpressionError: a function is unknown, or has too few or too many operands."""
    for one in walk(expression):
        if not isinstance(one, Call):
            continue
        known = FUNCTIONS.get(one.name)
        least, most = (known.least, known.most) if known else SPECIAL.get(one.name, (-1, None))
        if least < 0:
            raise ExpressionError(f"there is no function {one.name}()")
        count = len(one.operands)
        if count < least or (most is not None and count > most):
            wanted = f"{least}" if least == most else f"{least} to {most or 'any number of'}"
            raise ExpressionError(f"{one.name}() takes {wanted} values, not {count}")
