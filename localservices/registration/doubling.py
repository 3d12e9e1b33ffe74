"""Finding the households that one may have been registered as before, and what staff say of it."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from localservices import once
from localservices.desk import Desk
from localservices.refusal import Refusal
from localservices.registration import checks, doubles, forms
from localservices.registration.doubles import Compared
from localservices.registration.households import Known
from localservices.text import clean
from sync.merge.likeness import Facts, Likeness, Person, Why, compare, compare_people, facts_of
from sync.store import outbox
from sync.store.errors import LockedError
from sync.wire.kinds.doubles import Answer, HouseholdCompared

SHOWN_MAX = 5
_PART = 100  # of a form's id: what is written beside the registration itself


@dataclass(frozen=True, slots=True)
class Double:
    """A household that is here and may be the one in question."""

    known: Known
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Row:
    """One field of two households. ``agrees``: None where one of them says nothing."""

    field: str
    ours: str
    theirs: str
    agrees: bool | None


def find(desk: Desk, facts: Facts, but: Collection[str] = ()) -> list[Double]:
    """The most alike first. Raises LockedError."""
    with desk.reading() as db:
        near = doubles.candidates(db, facts)
        found = {
            about: compare(facts, theirs) for about, theirs in near.items() if about not in but
        }
        likely = [about for about, likeness in found.items() if likeness.is_likely]
        best = sorted(likely, key=lambda about: (-found[about].score, about))[:SHOWN_MAX]
        return [Double(one, found[one.public_id]) for one in doubles.known_of(db, best)]


def to_ask(desk: Desk, facts: Facts, form_id: bytes, seen: Collection[str]) -> list[Double]:
    """Doubles about which staff must be asked before this form is saved.

    None while nobody has unlocked: registering goes on. None of a form that was saved before.
    """
    if desk.store.look(lambda db: outbox.by_once(db, form_id)) is not None:
        return []
    try:
        return find(desk, facts, seen)
    except LockedError:
        return []


def of_known(desk: Desk, known: Known) -> list[Double]:
    """Likely doubles of a household that is here and not yet answered. Raises LockedError."""
    answered = {one.other for one in said_of(desk, known.public_id) if one.other is not None}
    return find(desk, facts_of(known.household), {known.public_id, *answered})


def said_of(desk: Desk, public_id: str) -> tuple[Compared, ...]:
    """Raises LockedError."""
    with desk.reading() as db:
        return doubles.said_of(db, public_id)


def answer(desk: Desk, about: str, others: Collection[str], said: Answer, form_id: bytes) -> None:
    """Write down what was said of a household and each of the others; twice is once.

    Raises:
        StoreFullError, StoreFailedError: nothing was saved.
    """
    likeness = _likenesses(desk, about, others)
    records = [
        HouseholdCompared(about, said, desk.staff_name, other, found.score, tuple(found.why))
        for other, found in likeness.items()
    ]
    acts = [(one, once.of_part(form_id, _PART + place)) for place, one in enumerate(records)]
    if acts:
        desk.store.write_together(acts)


def came_again(desk: Desk, about: str, form_id: bytes) -> None:
    """A household that is here came again, and is not registered twice. Raises as ``answer``."""
    desk.store.write(
        HouseholdCompared(about, Answer.SAME, desk.staff_name), once.of_part(form_id, _PART)
    )


def typed(fields: Mapping[str, str], today: date) -> Facts:
    """What can be read of a form that is still being filled."""

    def text(name: str) -> str:
        return clean(fields.get(name, ""))[: checks.PLACE_CHARS_MAX]

    people = tuple(_typed_person(fields, index, today) for index in forms.people(fields))
    phone = ""
    with suppress(Refusal):
        phone = checks.phone(fields.get("phone", "")) or ""
    return Facts(people, text("origin"), phone)


def side_by_side(facts: Facts, double: Double) -> list[Row]:
    """Each person beside the one of the other household that is most alike."""
    theirs = facts_of(double.known.household)
    rows = []
    for ours in facts.people:
        other = max(
            theirs.people, key=lambda one: compare_people(ours, one).score, default=Person()
        )
        why = compare_people(ours, other).why
        rows += [
            _row("names", _name(ours), _name(other), _any(why, _NAMES)),
            _row("born_on", _day(ours.born_on), _day(other.born_on), _any(why, _BIRTHS)),
            _row("tax_number", ours.tax_number, other.tax_number, Why.TAX_NUMBER in why),
            _row("document", ours.document, other.document, Why.DOCUMENT in why),
        ]
    shared = double.likeness.why
    rows.append(_row("origin", facts.origin, theirs.origin, Why.ORIGIN in shared))
    rows.append(_row("phone", facts.phone, theirs.phone, Why.PHONE in shared))
    return [row for row in rows if row.ours or row.theirs]


_NAMES = {Why.NAMES, Why.NAMES_ALIKE, Why.NAMES_SWAPPED, Why.GIVEN_NAMES}
_BIRTHS = {Why.BORN, Why.BORN_SWAPPED, Why.BORN_NEAR, Why.BORN_YEAR}


def _any(why: Collection[Why], sought: set[Why]) -> bool:
    return not sought.isdisjoint(why)


def _row(field: str, ours: str, theirs: str, agrees: bool) -> Row:
    return Row(field, ours, theirs, agrees if ours and theirs else None)


def _name(person: Person) -> str:
    return " ".join(one for one in (person.surname, person.given_name, person.patronymic) if one)


def _day(born: date | None) -> str:
    return "" if born is None else born.strftime("%d.%m.%Y")


def _likenesses(desk: Desk, about: str, others: Collection[str]) -> dict[str, Likeness]:
    """Nothing is known of them while nobody has unlocked, or when one is gone."""
    found = dict.fromkeys(others, Likeness(0, ()))
    with suppress(LockedError), desk.reading() as db:
        ours = doubles.known_of(db, [about])
        for theirs in doubles.known_of(db, others) if ours else []:
            likeness = compare(facts_of(ours[0].household), facts_of(theirs.household))
            found[theirs.public_id] = likeness
    return found


def _typed_person(fields: Mapping[str, str], index: int, today: date) -> Person:
    def text(name: str) -> str:
        return clean(fields.get(f"{name}-{index}", ""))[: checks.NAME_CHARS_MAX]

    born, tax_number = None, ""
    with suppress(Refusal):
        born = checks.past_day(fields.get(f"born_on-{index}", ""), today)
    with suppress(Refusal):
        tax_number = checks.tax_number(fields.get(f"tax_number-{index}", "")) or ""
    names = text("surname"), text("given_name"), text("patronymic")
    return Person(*names, text("sex"), born, tax_number, text("document"))
