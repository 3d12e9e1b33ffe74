"""What may be answered to a question of each type: what was typed becomes what is kept."""

import re
from collections.abc import Sequence
from datetime import date, time

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.functions_places import points

TEXT_CHARS_MAX = 20_000
WHOLE_DIGITS_MAX = 9  # as ODK Collect takes them
_MOMENT = re.compile(r"(\S+)[T ]+(\S+)")


class AnswerError(ValueError):
    """``code`` says what is wrong; the page has the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kept(type_name: str, typed: str) -> str:
    """The text that the instance holds. Nothing typed is nothing kept.

    Raises:
        AnswerError: it is no answer of that type.
    """
    text = typed.strip()
    if not text:
        return ""
    if len(text) > TEXT_CHARS_MAX:
        raise AnswerError("too_long")
    reader = _READERS.get(type_name)
    return reader(text) if reader else text


def chosen(picked: Sequence[str], offered: Sequence[str], *, several: bool) -> str:
    """The values of choices, apart by spaces. Raises AnswerError."""
    wanted = list(dict.fromkeys(one for one in picked if one))
    if any(one not in offered for one in wanted) or (len(wanted) > 1 and not several):
        raise AnswerError("no_choice")
    return " ".join(wanted)


def ranked(order: Sequence[str], offered: Sequence[str]) -> str:
    """Every choice once, in the order of preference. Raises AnswerError."""
    if not any(order):
        return ""
    if sorted(order) != sorted(offered):
        raise AnswerError("rank_whole")
    return " ".join(order)


def _whole(text: str) -> str:
    digits = text.replace("\u00a0", "").replace(" ", "")
    if not re.fullmatch(rf"-?\d{{1,{WHOLE_DIGITS_MAX}}}", digits, re.ASCII):
        raise AnswerError("no_whole")
    return str(int(digits))


def _decimal(text: str) -> str:
    number = text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"-?(\d{1,15}(\.\d{0,10})?|\.\d{1,10})", number, re.ASCII):
        raise AnswerError("no_number")
    return number.rstrip(".")


def _date(text: str) -> str:
    """As people here write a day, or as ISO 8601 does: never the month first."""
    parts = text.split(".")[::-1] if "." in text else text.split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise AnswerError("no_date") from error


def _time(text: str) -> str:
    try:
        return time.fromisoformat(text if ":" in text else "").isoformat("milliseconds")
    except ValueError as error:
        raise AnswerError("no_time") from error


def _moment(text: str) -> str:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise AnswerError("no_moment")
    return f"{_date(found[1])}T{_time(found[2])}"


def _place(text: str) -> str:
    """Latitude, longitude, and altitude and accuracy where they are known."""
    numbers = text.replace(",", " ").split()
    if not 2 <= len(numbers) <= 4:
        raise AnswerError("no_place")
    return _places(" ".join([*numbers, "0", "0"][: max(4, len(numbers))]), 1)


def _line(text: str) -> str:
    return _places(text, 2)


def _ring(text: str) -> str:
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if parts and parts[0] != parts[-1]:
        parts.append(parts[0])
    return _places(";".join(parts), 4)


def _places(text: str, least: int) -> str:
    try:
        if len(points(text)) < least:
            raise AnswerError("no_place")
    except EvaluationError as error:
        raise AnswerError("no_place") from error
    return text


def _truth(text: str) -> str:
    if text not in ("true", "false"):
        raise AnswerError("no_choice")
    return text


_READERS = {
    "int": _whole,
    "decimal": _decimal,
    "date": _date,
    "time": _time,
    "dateTime": _moment,
    "geopoint": _place,
    "geotrace": _line,
    "geoshape": _ring,
    "boolean": _truth,
}
