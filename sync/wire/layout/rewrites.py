"""Text that follows from other text of the same row, or from itself: left out, and put back.

Each rewrite is exact: what does not follow its rule stays as it is. A rewritten text begins with
a character of Unicode's private use area; a column that has it already is not rewritten.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

_BORN = "\ue100"  # then the last five digits of a tax number
_IBAN = "\ue101"  # then what follows country and check digits

_TAX_NUMBER = re.compile(r"\d{10}", re.ASCII)
_UA_IBAN = re.compile(r"UA\d{27}", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RNOKPP, Ukraine's tax number: its first five digits are the days from this date to the birth.
_TAX_DAY_ZERO = date(1899, 12, 31).toordinal()
_UNIX_DAY_ZERO = date(1970, 1, 1).toordinal()


def has_checks(texts: Iterable[str]) -> bool:
    """Whether some of these texts are IBANs, and none is like a rewritten one."""
    found = False
    for text in texts:
        if text[:1] == _IBAN:
            return False
        found = found or without_check(text) != text
    return found


def without_check(text: str) -> str:
    """An IBAN of Ukraine without country and check digits (ISO 13616: modulo 97)."""
    if _UA_IBAN.fullmatch(text) and text[2:4] == _check_digits(text[4:]):
        return _IBAN + text[4:]
    return text


def with_check(text: str) -> str:
    """The way back."""
    if text[:1] == _IBAN and text[1:].isdecimal():
        return f"UA{_check_digits(text[1:])}{text[1:]}"
    return text


def without_birth(number: Any, born: Any) -> Any:
    """A tax number without the birth date that it agrees with."""
    days = _tax_days(born)
    if days is None or type(number) is not str or not _TAX_NUMBER.fullmatch(number):
        return number
    return _BORN + number[5:] if int(number[:5]) == days else number


def with_birth(number: Any, born: Any) -> Any:
    """The way back."""
    if type(number) is not str or number[:1] != _BORN:
        return number
    days = _tax_days(born)
    return number if days is None else f"{days:05d}{number[1:]}"


def agreeing(columns: dict[str, list[Any]]) -> list[tuple[str, str]]:
    """Pairs of columns, tax numbers and the birth dates with which most of them agree."""
    found: list[tuple[str, str]] = []
    for name, numbers in columns.items():
        if any(type(number) is str and number[:1] == _BORN for number in numbers):
            continue
        rows = [n for n, v in enumerate(numbers) if type(v) is str and _TAX_NUMBER.fullmatch(v)]
        for other, dates in columns.items() if rows else ():
            agree = sum(without_birth(numbers[row], dates[row])[:1] == _BORN for row in rows)
            if agree * 2 > len(rows):
                found.append((name, other))
                break
    return found


def iso_days(text: str) -> int | None:
    """The ordinal of an ISO 8601 date that is written in the one usual way."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def day_text(ordinal: int) -> str:
    """Raises ValueError or OverflowError for what is no date."""
    return date.fromordinal(ordinal).isoformat()


def _tax_days(born: Any) -> int | None:
    """``born``: an ISO date, or days since 1970-01-01 as records carry them."""
    if type(born) is str:
        ordinal = iso_days(born)
    elif type(born) is int:
        ordinal = born + _UNIX_DAY_ZERO
    else:
        return None
    days = None if ordinal is None else ordinal - _TAX_DAY_ZERO
    return days if days is not None and 0 <= days < 100_000 else None


def _check_digits(account: str) -> str:
    return f"{98 - int(account + '301000') % 97:02d}"  # U = 30, A = 10, and 00 for the check
