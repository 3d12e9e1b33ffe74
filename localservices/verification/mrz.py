"""Machine-readable zones of travel documents and visas (ICAO Doc 9303, 8th edition, parts 3 to 7).

Read and checked for slips; nobody signed them, so they prove nothing.
"""

import re
from dataclasses import dataclass
from datetime import date

TEXT_CHARS_MAX = 400  # three lines, however they were typed
_SHAPES = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
_WEIGHTS = (7, 3, 1)
_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {
    "<": 0
}
_SEXES = {"M": "male", "F": "female"}
_LINE = re.compile(r"[A-Z0-9<]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Zone:
    """What a zone says. Days are ISO 8601, shorter where parts are unknown.

    Attributes:
        shape: TD1, TD2, TD3, MRV-A or MRV-B.
        slips: the fields whose check digits do not agree.
        expires: None: unknown.
    """

    shape: str
    code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    born: str
    sex: str
    expires: date | None
    optional: str
    slips: tuple[str, ...]


def check_digit(text: str) -> str:
    """Part 3, section 4.9: weights 7, 3, 1."""
    total = sum(_VALUES[char] * _WEIGHTS[place % 3] for place, char in enumerate(text))
    return str(total % 10)


def lines_of(text: str) -> list[str] | None:
    """The zone's lines, however they were broken in typing; None: it is none."""
    if len(text) > TEXT_CHARS_MAX:
        return None
    joined = "".join(text.split()).upper()
    if not _LINE.fullmatch(joined) or "<" not in joined:
        return None
    for count, length in _SHAPES:
        if len(joined) == count * length:
            return [joined[at : at + length] for at in range(0, len(joined), length)]
    return None


def read(lines: list[str], today: date) -> Zone:
    """Of lines as ``lines_of`` gives them; ``today`` tells the century of a birth."""
    shape = _SHAPES[len(lines), len(lines[0])]
    if lines[0].startswith("V") and shape != "TD1":
        shape = "MRV-A" if shape == "TD3" else "MRV-B"
    parts = _card(lines) if shape == "TD1" else _page(lines)
    surname, _, given = parts.names.rstrip("<").partition("<<")
    return Zone(
        shape,
        code=lines[0][0:2].rstrip("<"),
        issuer=lines[0][2:5].rstrip("<"),
        surname=surname.replace("<", " "),
        given_names=given.replace("<", " ").strip(),
        number=parts.number.replace("<", ""),
        nationality=parts.nationality.rstrip("<"),
        born=_birth(parts.born, today),
        sex=_SEXES.get(parts.sex, ""),
        expires=_end(parts.expires),
        optional=parts.optional.strip("<").replace("<", " "),
        slips=tuple(name for name, text, digit in parts.checks if not _agrees(text, digit)),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """A zone cut up, before anything is understood. ``checks``: field, its text, its digit."""

    names: str
    number: str
    nationality: str
    born: str
    sex: str
    expires: str
    optional: str
    checks: tuple[tuple[str, str, str], ...]


def _card(lines: list[str]) -> _Parts:
    """TD1 (part 5, section 4.2.2): three lines of 30."""
    first, second, names = lines
    number, digit, more = _number(first[5:14], first[14], first[15:30])
    whole = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    checks = (
        ("number", number, digit),
        ("born", second[0:6], second[6]),
        ("expires", second[8:14], second[14]),
        ("whole", whole, second[29]),
    )
    optional = more + second[18:29]
    return _Parts(
        names, number, second[15:18], second[0:6], second[7], second[8:14], optional, checks
    )


def _page(lines: list[str]) -> _Parts:
    """Two lines: TD2, TD3 (parts 6 and 4), and visas (part 7), which no digit checks as a whole."""
    first, second = lines
    number, digit, optional = second[0:9], second[9], second[28:]
    more: tuple[tuple[str, str, str], ...] = ()
    if first[0] != "V" and len(second) == 44:
        optional = second[28:42]
        whole = second[0:10] + second[13:20] + second[21:43]
        more = (("optional", optional, second[42]), ("whole", whole, second[43]))
    elif first[0] != "V":
        number, digit, optional = _number(number, digit, second[28:35])
        more = (("whole", second[0:10] + second[13:20] + second[21:35], second[35]),)
    checks = (
        ("number", number, digit),
        ("born", second[13:19], second[19]),
        ("expires", second[21:27], second[27]),
        *more,
    )
    return _Parts(
        first[5:],
        number,
        second[10:13],
        second[13:19],
        second[20],
        second[21:27],
        optional,
        checks,
    )


def _number(number: str, digit: str, optional: str) -> tuple[str, str, str]:
    """A longer one goes on in the optional data, its check digit last (part 5, note j)."""
    if digit != "<" or not optional.strip("<"):
        return number, digit, optional
    rest, _, optional = optional.partition("<")
    return number + rest[:-1], rest[-1:], optional


def _agrees(text: str, digit: str) -> bool:
    """An empty field may have a filler for its digit (part 3, section 4.9)."""
    return digit == check_digit(text) or (digit == "<" and not text.strip("<"))


def _birth(text: str, today: date) -> str:
    """The latest century in which it is not in the future."""
    if not re.fullmatch(r"\d\d(\d\d|<<)(\d\d|<<)", text, re.ASCII):
        return ""
    century = today.year // 100
    year = century * 100 + int(text[:2])
    known = [part for part in (text[2:4], text[4:6]) if part != "<<"]
    if f"{year:04}{''.join(known)}" > today.strftime("%Y%m%d")[: 4 + 2 * len(known)]:
        year -= 100
    return "-".join([f"{year:04}", *known])


def _end(text: str) -> date | None:
    """Two digits of a year are this century's (part 3, section 4.8)."""
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
