"""Dates as CertLogic reads and moves them (specification 1.3.2, plusTime and dccDateOfBirth)."""

import re
from datetime import UTC, datetime, timedelta, timezone

UNITS = ("year", "month", "day", "hour")

_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{1,2}):?(\d{2})?)?", re.ASCII
)


def read(text: str) -> datetime:
    """Read a date, whole or partial, or a date with a time; without a zone it is UTC.

    Raises:
        ValueError: none of the forms that the specification lists, or no such day.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return read_birth(text)
    seconds, fraction, sign, hours, minutes = found.groups()
    millis = int(((fraction or "") + "000")[:3])
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-ahead if sign == "-" else ahead)
    moment = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    return moment.astimezone(UTC) + timedelta(milliseconds=millis)


def read_birth(text: str) -> datetime:
    """Read a date, or the last day of a month or a year. Raises ValueError."""
    if _YEAR.fullmatch(text):
        return _midnight(f"{text}-12-31")
    if _MONTH.fullmatch(text):
        return plus(_midnight(f"{text}-01"), 1, "month") - timedelta(days=1)
    if _DAY.fullmatch(text):
        return _midnight(text)
    raise ValueError("no date")


def plus(moment: datetime, amount: int, unit: str) -> datetime:
    """Move by so many units. What a month lacks runs over: 29 February and a year is 1 March.

    Raises:
        ValueError, OverflowError: outside the years 1 to 9999.
    """
    if unit == "hour":
        return moment + timedelta(hours=amount)
    if unit == "day":
        return moment + timedelta(days=amount)
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "year" else 1)
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    return first + timedelta(days=moment.day - 1)


def _midnight(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
