"""The values of expressions and how one becomes another, as ODK's engine does it.

A date is a ``datetime`` with its zone; a date alone stands at midnight of the filling's zone.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.nodes import Node

Single = str | float | bool | datetime
Value = Single | list[Node]

EPOCH = date(1970, 1, 1)
DAY = timedelta(days=1)
TEXT_CHARS_MAX = 100_000  # of one value that an expression makes

_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:T([0-9:.]+)(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?", re.ASCII)


def single(value: Value, zone: tzinfo) -> Single:
    """The value of the one node of a nodeset; of none, the empty text.

    Raises EvaluationError for more than one.
    """
    if not isinstance(value, list):
        return value
    if len(value) > 1:
        raise EvaluationError(f"{value[0].name!r} stands there {len(value)} times; one is wanted")
    return typed(value[0], zone) if value else ""


def typed(node: Node, zone: tzinfo) -> Single:
    """A node's value, by the type that the form gives it."""
    text = node.text
    if not text:
        return ""
    if node.type in ("int", "decimal"):
        number = parse_number(text)
        return text if math.isnan(number) else number
    if node.type in ("date", "dateTime"):
        moment = parse_date(text, zone)
        return text if moment is None else moment
    if node.type == "boolean":
        return text in ("1", "true")
    return text


def to_text(value: Value, zone: tzinfo) -> str:
    value = single(value, zone)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return date_text(value)


def date_text(moment: datetime) -> str:
    """The date alone: times are written by ``format-date-time``."""
    return moment.date().isoformat()


def moment_text(moment: datetime) -> str:
    """With the time, as the answer to a question for both."""
    return moment.isoformat(timespec="milliseconds")


def number_text(number: float) -> str:
    """Whole numbers without a point; none with an exponent."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number):
        return str(int(number))
    shortest = repr(number)
    return shortest if "e" not in shortest else f"{number:.20f}".rstrip("0")


def parse_number(text: str) -> float:
    """NaN for what is no plain decimal number."""
    text = text.strip()
    if not re.fullmatch(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text, re.ASCII):
        return math.nan
    return float(text)


def to_number(value: Value, zone: tzinfo) -> float:
    value = single(value, zone)
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if isinstance(value, datetime):
        return days(value)
    return parse_number(value)


def to_boolean(value: Value, zone: tzinfo) -> bool:
    value = single(value, zone)
    if isinstance(value, float):
        return not math.isnan(value) and abs(value) > 1e-12
    if isinstance(value, datetime):
        return True
    return bool(value)


def days(moment: datetime) -> float:
    """Whole days between 1970 and the moment's date, where it stands."""
    return float((moment.date() - EPOCH).days)


def fractional_days(moment: datetime) -> float:
    """Days since 1970 began in UTC, with their fraction."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / DAY


def from_days(number: float, zone: tzinfo) -> datetime:
    """The midnight that begins the day of that number. Raises EvaluationError."""
    try:
        day = EPOCH + timedelta(days=math.floor(number))
    except (OverflowError, ValueError) as error:
        raise EvaluationError(f"{number_text(number)} days is no date") from error
    return midnight(day, zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def parse_date(text: str, zone: tzinfo) -> datetime | None:
    """An ISO 8601 date, or one with a time; None for anything else."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, clock, offset = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), tzinfo=zone)
        if clock is None:
            return moment
        hour, minute, second, micro = parse_time(clock)
        moment = moment.replace(hour=hour, minute=minute, second=second, microsecond=micro)
        return moment if offset is None else _shifted(moment, offset).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds, microseconds. Raises ValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("no time of day")
    hour, minute, second, part = match.groups()
    micro = int((part or "0").ljust(6, "0")[:6])
    return int(hour), int(minute), int(second or 0), micro


def _shifted(moment: datetime, offset: str) -> datetime:
    if offset == "Z":
        return moment.replace(tzinfo=UTC)
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return (moment.replace(tzinfo=UTC) - sign * ahead).astimezone(UTC)


def bounded(text: str) -> str:
    if len(text) > TEXT_CHARS_MAX:
        raise EvaluationError(f"makes a text of more than {TEXT_CHARS_MAX} characters")
    return text
