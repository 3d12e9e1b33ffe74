"""Functions of dates and times."""

import math
from datetime import datetime

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.values import (
    Value,
    fractional_days,
    from_days,
    midnight,
    parse_date,
    parse_time,
    single,
    to_text,
)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MS = 86_400_000


def moment(scope: Scope, value: Value) -> datetime | None:
    """A date or a moment; None: the value is empty. Raises EvaluationError: it is none."""
    found = single(value, scope.zone)
    if isinstance(found, datetime):
        return found
    if isinstance(found, bool):
        raise EvaluationError("true and false are no dates")
    if isinstance(found, float):
        return None if math.isnan(found) else from_days(found, scope.zone)
    if not found:
        return None
    parsed = parse_date(found, scope.zone)
    if parsed is None:
        raise EvaluationError(f"{found[:40]!r} is no date")
    return parsed


def _date(scope: Scope, values: list[Value]) -> Value:
    found = moment(scope, values[0])
    return "" if found is None else found


def _today(scope: Scope, _values: list[Value]) -> Value:
    now = scope.world.device.now()
    return midnight(now.date(), scope.zone)


def _now(scope: Scope, _values: list[Value]) -> Value:
    return scope.world.device.now()


def _decimal_date(scope: Scope, values: list[Value]) -> Value:
    found = moment(scope, values[0])
    return math.nan if found is None else fractional_days(found)


def _decimal_time(scope: Scope, values: list[Value]) -> Value:
    """A time of day as a part of the day."""
    text = to_text(values[0], scope.zone)
    clock = text.partition("T")[2] or text
    for sign in ("Z", "+", "-"):
        clock = clock.partition(sign)[0]
    try:
        hour, minute, second, micro = parse_time(clock)
    except ValueError:
        return math.nan
    return (((hour * 60 + minute) * 60 + second) * 1000 + micro // 1000) / _DAY_MS


def _formatted(scope: Scope, values: list[Value]) -> Value:
    found = moment(scope, values[0])
    return "" if found is None else _by_signs(found, to_text(values[1], scope.zone))


def _by_signs(at: datetime, pattern: str) -> str:
    """The signs that the ODK XForms specification lists under ``format-date-time``."""
    made, signs = "", iter(pattern)
    for sign in signs:
        made += _part(at, next(signs, "")) if sign == "%" else sign
    return made


def _part(at: datetime, sign: str) -> str:
    parts = {
        "%": "%",
        "Y": f"{at.year:04}",
        "y": f"{at.year % 100:02}",
        "m": f"{at.month:02}",
        "n": str(at.month),
        "b": _MONTHS[at.month - 1],
        "d": f"{at.day:02}",
        "e": str(at.day),
        "H": f"{at.hour:02}",
        "h": str(at.hour),
        "M": f"{at.minute:02}",
        "S": f"{at.second:02}",
        "3": f"{at.microsecond // 1000:03}",
        "a": _DAYS[at.weekday()],
        "W": str(at.isocalendar().week),
    }
    if sign not in parts:
        raise EvaluationError(f"a date is not written with %{sign}")
    return parts[sign]


FUNCTIONS = {
    "date": (1, 1, _date),
    "date-time": (1, 1, _date),
    "today": (0, 0, _today),
    "now": (0, 0, _now),
    "decimal-date-time": (1, 1, _decimal_date),
    "decimal-date": (1, 1, _decimal_date),
    "decimal-time": (1, 1, _decimal_time),
    "format-date": (2, 2, _formatted),
    "format-date-time": (2, 2, _formatted),
}
