"""What one field of the registration form may say. Each check gives the clean value or refuses."""

from datetime import date, timedelta

from localservices.refusal import Refusal
from localservices.text import clean
from localservices.times import typed_day

NAME_CHARS_MAX = 60
PLACE_CHARS_MAX = 200
DOCUMENT_CHARS_MAX = 40
NOTE_CHARS_MAX = 1000
_YEAR_MIN = 1900
# A node may boot in 1970: no day up to this release's own is ever called future.
_RELEASED = date(2026, 11, 1)
_PHONE_MARKS = str.maketrans("", "", " -().\u2010\u2011\u2012\u2013\u00a0")
_TAX_WEIGHTS = (-1, 5, 7, 9, 4, 6, 10, 5, 7)


def needed_text(text: str, most: int) -> str:
    """Raises Refusal when nothing, or too much, was typed."""
    cleaned = optional_text(text, most)
    if cleaned is None:
        raise Refusal("registration.missing")
    return cleaned


def optional_text(text: str, most: int) -> str | None:
    """Raises Refusal when too much was typed."""
    cleaned = clean(text)
    if len(cleaned) > most:
        raise Refusal("registration.too_long", most=most)
    return cleaned or None


def note(text: str) -> str | None:
    """Several lines; raises Refusal when there is too much of them."""
    lines = "\n".join(clean(line) for line in text.splitlines()).strip()
    if len(lines) > NOTE_CHARS_MAX:
        raise Refusal("registration.too_long", most=NOTE_CHARS_MAX)
    return lines or None


def phone(text: str) -> str | None:
    """An E.164 number; a Ukrainian one may be typed without its country. Raises Refusal."""
    typed = clean(text).translate(_PHONE_MARKS)
    if not typed:
        return None
    digits = typed.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise Refusal("registration.phone_wrong")
    if typed.startswith("+") or (digits.startswith("380") and len(digits) == 12):
        number = digits
    elif digits.startswith("0") and len(digits) == 10:
        number = f"38{digits}"
    else:
        raise Refusal("registration.phone_wrong")
    wrong_length = len(number) != 12 if number.startswith("380") else not 8 <= len(number) <= 15
    if wrong_length or number.startswith("0"):
        raise Refusal("registration.phone_wrong")
    return f"+{number}"


def past_day(text: str, today: date) -> date | None:
    """A day as dd.mm.yyyy or yyyy-mm-dd, not in the future. Raises Refusal."""
    typed = clean(text)
    if not typed:
        return None
    try:
        day = typed_day(typed)
    except ValueError as error:
        raise Refusal("registration.date_wrong") from error
    if day.year < _YEAR_MIN:
        raise Refusal("registration.date_too_old", year=_YEAR_MIN)
    if day > max(today, _RELEASED) + timedelta(days=1):
        raise Refusal("registration.date_future")
    return day


def tax_number(text: str) -> str | None:
    """RNOKPP: ten digits, of which the last checks the others. Raises Refusal."""
    typed = clean(text).replace(" ", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) == 10):
        raise Refusal("registration.tax_number_length")
    digits = [int(digit) for digit in typed]
    total = sum(weight * digit for weight, digit in zip(_TAX_WEIGHTS, digits, strict=False))
    if total % 11 % 10 != digits[9]:
        raise Refusal("registration.tax_number_check")
    return typed


def choice(text: str, codes: tuple[str, ...]) -> str | None:
    """One of the codes, or nothing. Raises Refusal."""
    if text and text not in codes:
        raise Refusal("registration.choice_wrong")
    return text or None
