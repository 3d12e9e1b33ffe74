"""Coordinates as people type them: degrees in any of their forms, UTM, MGRS, geo: addresses."""

import math
import re
import unicodedata

from localservices.hazards import grid
from sync.wire.earth import Point

CHARS_MAX = 80

_HALVES = ((r"ПН", "N"), (r"ПД", "S"), (r"СХ", "E"), (r"ЗХ", "W"))
_BETWEEN = re.compile(r"[\s,;:/()°º˚'\"′″’”`]*")
_PIECE = re.compile(r"(?P<number>[-+]?\d+(?:[.,]\d+)?)|(?P<half>[NSEW])")


def read(typed: str) -> Point:
    """The point that was meant. Raises ValueError: none, or it could be read in two ways."""
    if len(typed) > CHARS_MAX:
        raise ValueError("too long for a point")
    text = _plain(typed)
    squared = grid.read(text)
    return squared if squared is not None else _degrees(text)


def _plain(typed: str) -> str:
    """Upper case, hemispheres by their Latin letters, no minus that is a hyphen."""
    text = unicodedata.normalize("NFKC", typed).replace("″", '"').upper().strip()
    text = text.replace("−", "-")
    if text.startswith("GEO:"):  # RFC 5870
        text = re.split(r"[;?]", text[4:])[0]
    for name, letter in _HALVES:
        text = re.sub(rf"{name}\.?\s*(?:[ШД]\.?)?", letter, text)
    return re.sub(r"(?<=\d)-(?=\d)", " ", text)


def _degrees(text: str) -> Point:
    numbers, halves = _pieces(text)
    if len(numbers) not in (2, 4, 6) or len(halves) not in (0, 2):
        raise ValueError("not two coordinates")
    size = len(numbers) // 2
    first, second = _angle(numbers[:size]), _angle(numbers[size:])
    if halves:
        return _by_halves(halves, first, second)
    return _on_earth(first, second)


def _pieces(text: str) -> tuple[list[str], list[str]]:
    """The numbers and the hemispheres; raises ValueError for whatever else stands there."""
    numbers: list[str] = []
    halves: list[str] = []
    at = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # it matches nothing too
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise ValueError("not coordinates")
        (halves if piece["half"] else numbers).append(piece[0])
        at = _BETWEEN.match(text, piece.end()).end()  # type: ignore[union-attr]
    return numbers, halves


def _angle(parts: list[str]) -> float:
    """Degrees, minutes, seconds; only the last may have a fraction."""
    if any("." in part or "," in part for part in parts[:-1]):
        raise ValueError("a fraction before the last part")
    if any(part[0] in "+-" for part in parts[1:]):
        raise ValueError("a sign within an angle")
    values = [float(part.replace(",", ".")) for part in parts]
    if any(value >= 60 for value in values[1:]):
        raise ValueError("minutes and seconds end at 59")
    size = math.fsum(abs(value) / 60.0**power for power, value in enumerate(values))
    return -size if parts[0].startswith("-") else size


def _by_halves(halves: list[str], first: float, second: float) -> Point:
    if first < 0 or second < 0:
        raise ValueError("a sign and a hemisphere")
    if halves[0] in "EW":
        halves, first, second = halves[::-1], second, first
    if halves[0] not in "NS" or halves[1] not in "EW":
        raise ValueError("one of each is needed")
    return _on_earth(-first if halves[0] == "S" else first, -second if halves[1] == "W" else second)


def _on_earth(lat: float, lon: float) -> Point:
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValueError("not on Earth")
    return Point(lat, lon)
