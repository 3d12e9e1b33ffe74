"""Days and times as people write and read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_FORMS = {"uk": "%d.%m.%Y", "en": "%Y-%m-%d"}
_DATE_CHARS_MAX = 20


def moment(at_ms: int, zone: ZoneInfo) -> datetime:
    """Unix milliseconds by the clock on the wall. It stands still after the year 9999."""
    try:
        return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
    except OverflowError:
        return datetime.max.replace(tzinfo=zone)


def day_text(day: date, language: str) -> str:
    return day.strftime(_DAY_FORMS[language])


def typed_day(typed: str) -> date:
    """A day as people type it: dd.mm.yyyy or yyyy-mm-dd. Raises ValueError."""
    parts = typed.split(".")[::-1] if "." in typed else typed.split("-")
    numeric = all(part.strip().isascii() and part.strip().isdigit() for part in parts)
    if len(typed) > _DATE_CHARS_MAX or len(parts) != 3 or not numeric:
        raise ValueError("not a day")
    return date(*map(int, parts))


def time_text(at: datetime, language: str) -> str:
    return f"{day_text(at.date(), language)} {at:%H:%M:%S}"
