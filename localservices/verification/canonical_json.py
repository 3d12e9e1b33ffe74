"""JSON in its one canonical form (RFC 8785), of what seals hold: no number with a fraction.

How ECMAScript writes a fraction is a chapter of its own, and no type of seal has one: a document
that does is refused, rather than called forged because we wrote it another way.
"""

import json
from typing import Any

_WHOLE_MAX = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond, a double loses digits


def encoded(value: object) -> bytes:
    """Raises ValueError: a fraction, too large a number, half a surrogate pair, or too deep."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError as error:
        raise ValueError("too deep") from error


def _ordered(value: object) -> Any:
    match value:
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))  # section 3.2.3
            return {name: _ordered(value[name]) for name in names}
        case list():
            return [_ordered(one) for one in value]
        case str() | bool() | None:
            return value
        case int() if abs(value) <= _WHOLE_MAX:
            return value
        case _:
            raise ValueError("a number that has no one form here")
