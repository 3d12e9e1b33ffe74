"""Functions of texts."""

import base64
import hashlib
from collections.abc import Callable

import regex

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.values import (
    Value,
    bounded,
    to_number,
    to_text,
    typed,
)

MATCH_S_MAX = 0.2  # of one pattern on one text: what takes longer would never end
PATTERN_CHARS_MAX = 2_000
_DIGESTS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


def texts(scope: Scope, values: list[Value]) -> list[str]:
    """All texts of all values; of a nodeset each node's."""
    found: list[str] = []
    for value in values:
        if isinstance(value, list):
            found.extend(to_text(typed(node, scope.zone), scope.zone) for node in value)
        else:
            found.append(to_text(value, scope.zone))
    return found


def _plain(work: Callable[..., str | bool]) -> Callable[[Scope, list[Value]], Value]:
    """A function of texts alone."""

    def run(scope: Scope, values: list[Value]) -> Value:
        result = work(*(to_text(value, scope.zone) for value in values))
        return bounded(result) if isinstance(result, str) else result

    return run


def _concat(scope: Scope, values: list[Value]) -> Value:
    return bounded("".join(texts(scope, values)))


def _join(scope: Scope, values: list[Value]) -> Value:
    return bounded(to_text(values[0], scope.zone).join(texts(scope, values[1:])))


def _substr(scope: Scope, values: list[Value]) -> Value:
    text = to_text(values[0], scope.zone)
    start = _place(scope, values[1], len(text))
    end = _place(scope, values[2], len(text)) if len(values) > 2 else len(text)
    return text[start:end] if start < end else ""


def _place(scope: Scope, value: Value, length: int) -> int:
    """From the end if negative, and never outside."""
    number = int(to_number(value, scope.zone))
    return min(max(0, number + length if number < 0 else number), length)


def _length(scope: Scope, values: list[Value]) -> Value:
    value: Value = values[0] if values else [scope.node]
    return float(len(to_text(value, scope.zone)))


def _normalized(scope: Scope, values: list[Value]) -> Value:
    value: Value = values[0] if values else [scope.node]
    return " ".join(to_text(value, scope.zone).split())


def _translate(text: str, letters: str, instead: str) -> str:
    table: dict[int, int | None] = {}
    for at, letter in enumerate(letters):
        table.setdefault(ord(letter), ord(instead[at]) if at < len(instead) else None)
    return text.translate(table)


def _before(text: str, sign: str) -> str:
    return text.partition(sign)[0] if sign and sign in text else ""


def _matches(text: str, pattern: str) -> bool:
    """The whole text, as Java's ``matches``; a pattern that runs away has no value."""
    if len(pattern) > PATTERN_CHARS_MAX:
        raise EvaluationError("the pattern of regex() is too long")
    try:
        found = regex.fullmatch(pattern, text, timeout=MATCH_S_MAX)
    except regex.error as error:
        raise EvaluationError(f"the pattern of regex() cannot be read: {error}") from error
    except TimeoutError as error:
        raise EvaluationError("the pattern of regex() takes too long") from error
    return found is not None


def _digest(text: str, algorithm: str, encoding: str = "base64") -> str:
    if algorithm not in _DIGESTS:
        raise EvaluationError(f"digest() knows no {algorithm!r}")
    made = hashlib.new(_DIGESTS[algorithm], text.encode(), usedforsecurity=False)
    if encoding not in ("base64", "hex"):
        raise EvaluationError(f"digest() writes base64 or hex, not {encoding!r}")
    return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError as error:
        raise EvaluationError("base64-decode() is given no base 64 of a text") from error


def _uuid(scope: Scope, values: list[Value]) -> Value:
    if not values:
        return scope.world.device.new_id()
    length = int(to_number(values[0], scope.zone))
    if not 0 < length <= 200:
        raise EvaluationError("uuid() gives 1 to 200 characters")
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(letters[int(scope.world.device.share() * len(letters))] for _ in range(length))


def _property(scope: Scope, values: list[Value]) -> Value:
    return scope.world.device.properties.get(to_text(values[0], scope.zone), "")


def _itext(scope: Scope, values: list[Value]) -> Value:
    return scope.world.texts(to_text(values[0], scope.zone))


FUNCTIONS = {
    "string": (1, 1, lambda scope, values: to_text(values[0], scope.zone)),
    "concat": (0, None, _concat),
    "join": (1, None, _join),
    "substr": (2, 3, _substr),
    "string-length": (0, 1, _length),
    "normalize-space": (0, 1, _normalized),
    "translate": (3, 3, _plain(_translate)),
    "contains": (2, 2, _plain(lambda text, part: part in text)),
    "starts-with": (2, 2, _plain(lambda text, part: text.startswith(part))),
    "ends-with": (2, 2, _plain(lambda text, part: text.endswith(part))),
    "substring-before": (
        2,
        2,
        _plain(_before),
    ),
    "substring-after": (2, 2, _plain(lambda text, sign: text.partition(sign)[2] if sign else text)),
    "regex": (2, 2, _plain(_matches)),
    "digest": (2, 3, _plain(_digest)),
    "base64-decode": (1, 1, _plain(_decoded)),
    "uuid": (0, 1, _uuid),
    "property": (1, 1, _property),
    "version": (0, 0, lambda scope, _: scope.world.version),
    "jr:itext": (1, 1, _itext),
    "boolean-from-string": (1, 1, _plain(lambda text: text in ("1", "true"))),
}
