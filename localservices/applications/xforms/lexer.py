"""Cuts the text of an XPath expression into tokens, by XPath 1.0 section 3.7."""

import re
from dataclasses import dataclass
from typing import Literal

from localservices.applications.xforms.errors import ExpressionError

CHARS_MAX = 32_000  # the longest in public forms take some thousands
TOKENS_MAX = 8_000

Kind = Literal["number", "text", "name", "operator", "sign", "end"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<name>[^\W\d][\w.\-]*(?::(?!:)(?:[^\W\d][\w.\-]*|\*))?)
    |(?P<sign>::|\.\.|//|!=|<=|>=|[()\[\],@./|+\-=<>*])""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "div", "mod"})
_OPERATORS = frozenset({"|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "*"})
_OPENERS = frozenset({"@", "::", "(", "[", ",", "/", "//"})


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    at: int


def tokens(expression: str) -> list[Token]:
    """The tokens, ended by one of kind ``end``. Raises ExpressionError."""
    if len(expression) > CHARS_MAX:
        raise ExpressionError(f"longer than {CHARS_MAX} characters")
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise ExpressionError(f"cannot be read at character {at + 1}: {expression[at]!r}")
        at = match.end()
        if match.lastgroup != "space":
            found.append(_token(match, found[-1] if found else None))
        if len(found) > TOKENS_MAX:
            raise ExpressionError(f"more than {TOKENS_MAX} words and signs")
    found.append(Token("end", "", at))
    return found


def _token(match: re.Match[str], before: Token | None) -> Token:
    text, at = match.group(), match.start()
    if match.lastgroup == "number":
        return Token("number", text, at)
    if match.lastgroup == "text":
        return Token("text", text[1:-1], at)
    ends_operand = before is not None and not (
        before.kind == "operator" or (before.kind == "sign" and before.text in _OPENERS)
    )
    if match.lastgroup == "name":
        return Token("operator" if ends_operand and text in _WORDS else "name", text, at)
    if text == "*" and not ends_operand:
        return Token("name", text, at)
    return Token("operator" if text in _OPERATORS else "sign", text, at)
