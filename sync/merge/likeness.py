"""How alike two registrations are, and why: whether they may be one household registered twice.

The same rule at nodes and at central. It compares every person of one with every person of the
other and takes the pair that is most alike; what belongs to the whole household is added. A score
of ``LIKELY`` or more is shown to people, who decide: nothing is ever joined by itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from sync.merge.names import canonical, skeleton
from sync.wire.kinds.household import HouseholdRegistered, Member

LIKELY, CERTAIN = 60, 100
_ORIGIN_ALIKE = 90  # of 100, by rapidfuzz's token_set_ratio
_GENERIC_WORDS = (
    "область обл район рн р н місто м село с смт селище вулиця вул буд кв"
    " oblast raion city village україна ukraine"
)
_GENERIC = frozenset(map(skeleton, _GENERIC_WORDS.split()))
_NOT_WRITTEN = re.compile(r"[\W_]+")
# Latin letters that look like Cyrillic ones: on a document either may have been typed.
_LOOK_ALIKE = str.maketrans("авсеікмнортху", "abceikmhoptxy")


_Name = tuple[str, str]  # as it was typed, and in its canonical form


class Why(StrEnum):
    """What agrees, or speaks against it."""

    TAX_NUMBER = "tax_number"
    DOCUMENT = "document"
    IBAN = "iban"
    PHONE = "phone"
    NAMES = "names"
    NAMES_ALIKE = "names_alike"  # up to one typing error in each
    NAMES_SWAPPED = "names_swapped"  # surname and given name, also with typing errors
    GIVEN_NAMES = "given_names"  # with the patronymic; another surname, as after a wedding
    PATRONYMIC = "patronymic"
    BORN = "born"
    BORN_SWAPPED = "born_swapped"  # day and month
    BORN_NEAR = "born_near"  # a year off, or one digit
    BORN_YEAR = "born_year"  # only the year is known of one
    ORIGIN = "origin"
    OTHER_TAX_NUMBER = "other_tax_number"
    OTHER_PATRONYMIC = "other_patronymic"
    OTHER_BORN = "other_born"
    OTHER_SEX = "other_sex"

    @property
    def agrees(self) -> bool:
        return _POINTS[self] > 0


_POINTS = {
    Why.TAX_NUMBER: CERTAIN,
    Why.DOCUMENT: 90,
    Why.IBAN: 80,
    Why.PHONE: 60,
    Why.NAMES: 45,
    Why.NAMES_ALIKE: 38,
    Why.NAMES_SWAPPED: 38,
    Why.GIVEN_NAMES: 15,
    Why.PATRONYMIC: 10,
    Why.BORN: 35,
    Why.BORN_SWAPPED: 28,
    Why.BORN_NEAR: 25,
    Why.BORN_YEAR: 22,
    Why.ORIGIN: 15,
    Why.OTHER_TAX_NUMBER: -40,
    Why.OTHER_PATRONYMIC: -15,
    Why.OTHER_BORN: -30,
    Why.OTHER_SEX: -10,
}


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person; an empty text says nothing."""

    surname: str = ""
    given_name: str = ""
    patronymic: str = ""
    sex: str = ""
    born_on: date | None = None
    tax_number: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a household, or of as much of it as was typed by now."""

    people: tuple[Person, ...] = ()
    origin: str = ""
    phone: str = ""
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` from 0 to 100; ``why`` in a fixed order, what speaks against it at the end."""

    score: int
    why: tuple[Why, ...]

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY


def facts_of(household: HouseholdRegistered) -> Facts:
    """Of a whole registration."""
    return Facts(
        people=tuple(map(person_of, household.members)),
        origin=household.origin,
        phone=household.phone or "",
        iban=getattr(household, "iban", None) or "",  # asked for by some centres' forms only
    )


def person_of(member: Member) -> Person:
    return Person(
        member.surname,
        member.given_name,
        member.patronymic or "",
        member.sex or "",
        member.born_on,
        member.tax_number or "",
        member.document or "",
    )


def compare(one: Facts, other: Facts) -> Likeness:
    """Never raises; the same whichever of the two is given first."""
    shared: set[Why] = set()
    if phone_key(one.phone) and phone_key(one.phone) == phone_key(other.phone):
        shared.add(Why.PHONE)
    if plain(one.iban) and plain(one.iban) == plain(other.iban):
        shared.add(Why.IBAN)
    if _same_place(one.origin, other.origin):
        shared.add(Why.ORIGIN)
    pairs = (compare_people(a, b) for a in one.people for b in other.people)
    best = max(pairs, key=lambda found: (found.score, found.why), default=Likeness(0, ()))
    score = min(CERTAIN, best.score + sum(_POINTS[why] for why in shared))
    return Likeness(score, _in_order({*best.why, *shared}))


def compare_people(one: Person, other: Person) -> Likeness:
    """As ``compare``, of two people."""
    why = _names(one, other) | _births(one.born_on, other.born_on)
    if plain(one.tax_number) and plain(other.tax_number):
        same = plain(one.tax_number) == plain(other.tax_number)
        why.add(Why.TAX_NUMBER if same else Why.OTHER_TAX_NUMBER)
    if plain(one.document) and plain(one.document) == plain(other.document):
        why.add(Why.DOCUMENT)
    if one.sex and other.sex and one.sex != other.sex:
        why.add(Why.OTHER_SEX)
    # Whoever bears the same number is asked about, whatever else was typed.
    floor = max((_POINTS[one] for one in why & {Why.TAX_NUMBER, Why.DOCUMENT}), default=0)
    score = min(CERTAIN, max(floor, sum(_POINTS[one] for one in why)))
    return Likeness(score, _in_order(why))


def plain(number: str) -> str:
    """A number or a document as letters and digits alone, in one alphabet."""
    return _NOT_WRITTEN.sub("", number).casefold().translate(_LOOK_ALIKE)


def phone_key(phone: str) -> str:
    """The nine digits that stay however the number is written."""
    return "".join(char for char in phone if char.isdecimal())[-9:]


def _names(one: Person, other: Person) -> set[Why]:
    if not (one.given_name and other.given_name):
        return set()
    ours, theirs = _both(one), _both(other)
    straight = _errors(ours[0], theirs[0]), _errors(ours[1], theirs[1])
    found = set()
    if max(straight) == 0:
        found.add(Why.NAMES)
    elif max(straight) == 1:
        found.add(Why.NAMES_ALIKE)
    elif max(_errors(ours[0], theirs[1]), _errors(ours[1], theirs[0])) <= 1:
        found.add(Why.NAMES_SWAPPED)
    elif straight[1] == 0 and _patronymics(one, other) == 0:
        found.add(Why.GIVEN_NAMES)
    errors = _patronymics(one, other) if found else None
    if errors is not None:
        found.add(Why.PATRONYMIC if errors <= 1 else Why.OTHER_PATRONYMIC)
    return found


def _patronymics(one: Person, other: Person) -> int | None:
    """None: one of them is missing, which says nothing."""
    if not (one.patronymic and other.patronymic):
        return None
    return _errors(_beginning(one.patronymic), _beginning(other.patronymic))


def _both(person: Person) -> tuple[_Name, _Name]:
    """Surname and given name, each as it was typed and in its canonical form."""
    surname, given_name = person.surname, person.given_name
    return (surname.casefold(), canonical(surname)), (given_name.casefold(), canonical(given_name))


def _beginning(patronymic: str) -> _Name:
    """Alike in Ukrainian and Russian only up to here: Іванівна and Ивановна, Петрович."""
    begun = skeleton(patronymic)[:4]
    return begun, canonical(begun)


def _errors(one: _Name, other: _Name) -> int:
    """How many typing errors are between two names; 2 stands for more too."""
    if not one[0] or not other[0]:
        return 2
    if one[1] and one[1] == other[1]:
        return 0
    if min(len(one[0]), len(other[0])) < 3:
        return 2  # an error in so short a name makes it another one
    distances = (OSA.distance(a, b, score_cutoff=1) for a, b in zip(one, other, strict=True))
    return min(distances)


def _births(one: date | None, other: date | None) -> set[Why]:
    if one is None or other is None:
        return set()
    if one == other:
        return {Why.BORN}
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return {Why.BORN_SWAPPED}
    if _is_estimate(one) or _is_estimate(other):
        return {Why.BORN_YEAR} if abs(one.year - other.year) <= 1 else {Why.OTHER_BORN}
    digits = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    same_day = (one.month, one.day) == (other.month, other.day)
    if digits == 1 or (same_day and abs(one.year - other.year) == 1):
        return {Why.BORN_NEAR}
    return {Why.OTHER_BORN}


def _is_estimate(born_on: date) -> bool:
    """Who knows only the year is written down as born on its first day."""
    return (born_on.month, born_on.day) == (1, 1)


def _same_place(one: str, other: str) -> bool:
    first, second = _place_words(one), _place_words(other)
    if not first or not second:
        return False
    return fuzz.token_set_ratio(first, second) >= _ORIGIN_ALIKE


def _place_words(place: str) -> str:
    words = (skeleton(word) for word in _NOT_WRITTEN.split(place))
    return " ".join(sorted({word for word in words if word and word not in _GENERIC}))


def _in_order(why: Iterable[Why]) -> tuple[Why, ...]:
    return tuple(sorted(why, key=list(Why).index))
