"""Where to look for a household's doubles: keys that two registrations of one household share.

A registration is kept under its keys; whoever seeks its double asks for keys too, a few more than
were kept (day and month swapped, the years around). So only some dozens of households are compared
of a hundred thousand. Keys are 63-bit numbers, for an index that is small: two things under one
number cost a comparison, and nothing else.
"""

import hashlib
from collections.abc import Iterator
from datetime import date

from sync.merge.likeness import Facts, Person, phone_key, plain
from sync.merge.names import canonical

_PART = 3  # letters at either end of a name: an error in one end leaves the other


def exact_keys(household: Facts) -> set[int]:
    """Of numbers: who shares one is always compared."""
    texts = [("phone", phone_key(household.phone)), ("iban", plain(household.iban))]
    for person in household.people:
        texts += [("tax", plain(person.tax_number)), ("document", plain(person.document))]
    return {_number(kind, text) for kind, text in texts if text}


def fuzzy_keys(household: Facts) -> set[int]:
    """Of names and births: under these a household is kept."""
    found = set()
    for person in household.people:
        born = person.born_on
        found |= set(_by_names(person, () if born is None else (born.year,)))
        if born is not None:
            found.add(_number("born", born.isoformat()))
    return found


def sought_keys(household: Facts) -> set[int]:
    """Of names and births as they may have been written the other time."""
    found = set()
    for person in household.people:
        born = person.born_on
        years = () if born is None else (born.year - 1, born.year, born.year + 1)
        swapped = Person(person.given_name, person.surname)
        found |= {*_by_names(person, years), *_by_names(swapped, years)}
        if born is not None:
            found |= {_number("born", text) for text in _births(born)}
    return found


def _by_names(person: Person, years: tuple[int, ...]) -> Iterator[int]:
    surname, given = canonical(person.surname), canonical(person.given_name)
    if not surname or not given:
        return
    yield _number("names", surname, given)
    yield _number("begin", surname[:_PART], given[:_PART])
    yield _number("ends", surname[:_PART], given[-_PART:])
    for year in years:  # the ends of surnames are few: alone they would name thousands
        yield _number("year", surname[-_PART:], given[:_PART], str(year))
        yield _number("years", surname[-_PART:], given[-_PART:], str(year))
    if person.patronymic:
        yield _number("given", given, canonical(person.patronymic)[:4])


def _births(born: date) -> set[str]:
    """The day itself, day and month swapped, and the years around."""
    year, month, day = born.year, born.month, born.day
    found = {born.isoformat(), _iso(year, day, month)}
    found |= {_iso(year + step, month, day) for step in (-1, 1)}
    return found


def _iso(year: int, month: int, day: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}"


def _number(*parts: str) -> int:
    digest = hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
