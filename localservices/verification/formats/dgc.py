"""The body of an EU Digital COVID Certificate: what its schema asks for, and what staff must see.

Schema 1.0.0 to 1.3.3 of the EU eHealth Network, as far as a reader depends on it: who, and
exactly one vaccination, test or recovery with its fields. Lengths and alphabets are not
enforced: an issuer that disregards them has signed the certificate nevertheless.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localservices.verification.verdict import DocumentError, Reason

Word = Callable[[str, object], str | None]

_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_BIRTH = re.compile(r"((19|20)\d\d(-\d\d){0,2})?(T.*)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?", re.ASCII)
_NAMES = ("fn", "fnt", "gn", "gnt")

_RESULTS = {"260415000": "not_detected", "260373001": "detected"}  # SNOMED CT


def type_of(body: object) -> str:
    """Say vaccination, test or recovery. Raises DocumentError."""
    return _TYPES[_entry(body)[0]]


def no_word(_value_set: str, _code: object) -> str | None:
    """For who has no value sets: a code alone says nothing to people, and is not shown."""
    return None


def claims_of(body: object, word: Word = no_word) -> tuple[tuple[str, str], ...]:
    """Give (name, value) pairs in the order in which people compare them.

    ``word`` gives what a code of a value set means.

    Raises:
        DocumentError: with the code ``schema`` and the field that is amiss.
    """
    if not isinstance(body, Mapping):
        raise DocumentError(Reason.SCHEMA, field="dgc")
    _must(body, "ver", _matches(_VERSION))
    _must(body, "dob", _matches(_BIRTH))
    name = _name(body.get("nam"))
    group, entry = _entry(body)
    for field_name, holds in _FIELDS[group].items():
        _must(entry, field_name, holds)
    claims = [("name", name), ("birth", str(body["dob"])), *_CLAIMS[group](entry)]
    for label, (field_name, value_set) in _CODED[group].items():
        claims.append((label, word(value_set, entry[field_name]) or ""))
    return tuple((label, value) for label, value in claims if value)


def _entry(body: object) -> tuple[str, Mapping[Any, Any]]:
    """The one group with its one entry; groups that are null or empty are not there."""
    if not isinstance(body, Mapping):
        raise DocumentError(Reason.SCHEMA, field="dgc")
    groups = [(name, body[name]) for name in _TYPES if body.get(name)]
    match groups:
        case [(str(name), [Mapping() as entry] | (Mapping() as entry,))]:
            return name, entry
        case _:
            raise DocumentError(Reason.SCHEMA, field="v t r")


def _name(found: object) -> str:
    if not isinstance(found, Mapping):
        raise DocumentError(Reason.SCHEMA, field="nam")
    for part in _NAMES:
        value = found.get(part)
        if value is not None and not isinstance(value, str):
            raise DocumentError(Reason.SCHEMA, field=part)
    family, family_standard, given, given_standard = (found.get(part) for part in _NAMES)
    name = " ".join(filter(None, [family or family_standard, given or given_standard]))
    if not name.strip():
        raise DocumentError(Reason.SCHEMA, field="nam")
    return name


def _must(fields: Mapping[Any, Any], name: str, holds: Callable[[Any], bool]) -> None:
    if name not in fields or not holds(fields[name]):
        raise DocumentError(Reason.SCHEMA, field=name)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _dose(value: Any) -> bool:
    return type(value) is int and value >= 0


_day = _matches(_DAY)

_TYPES = {"v": "vaccination", "t": "test", "r": "recovery"}
_COMMON = {"tg": _text, "co": _text, "is": _text, "ci": _text}
_FIELDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "v": _COMMON | {"vp": _text, "mp": _text, "ma": _text, "dn": _dose, "sd": _dose, "dt": _day},
    "t": _COMMON | {"tt": _text, "sc": _day, "tr": _text},
    "r": _COMMON | {"fr": _day, "df": _day, "du": _day},
}
_DISEASE = {"disease": ("tg", "disease-agent-targeted")}
_CODED = {
    "v": {"vaccine": ("mp", "vaccines-covid-19-names")} | _DISEASE,
    "t": {"test_type": ("tt", "covid-19-lab-test-type")} | _DISEASE,
    "r": _DISEASE,
}
_CLAIMS: dict[str, Callable[[Mapping[Any, Any]], list[tuple[str, str]]]] = {
    "v": lambda entry: [
        ("doses", f"{entry['dn']}/{entry['sd']}"),
        ("vaccinated", entry["dt"][:10]),
        ("country", entry["co"]),
    ],
    "t": lambda entry: [
        ("result", _RESULTS.get(entry["tr"], entry["tr"])),
        ("sampled", entry["sc"]),
        ("country", entry["co"]),
    ],
    "r": lambda entry: [
        ("positive", entry["fr"][:10]),
        ("covers", f"{entry['df'][:10]} – {entry['du'][:10]}"),
        ("country", entry["co"]),
    ],
}
