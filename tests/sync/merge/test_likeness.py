"""One household registered twice is found, however its names were spelt the second time."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.merge.blocks import exact_keys, fuzzy_keys, sought_keys
from sync.merge.likeness import Facts, Person, Why, compare
from sync.merge.names import canonical

MARIIA = Person("Шевченко", "Марія", "Іванівна", "f", date(1991, 8, 24))
ORIGIN = "Донецька область, Маріуполь"
LETTERS = "абвгдеєжзиіїйклмнопрстуфхцчшщьюя"
NAMES = st.text(LETTERS, min_size=4, max_size=14)
ANY_TEXT = st.text(max_size=20)
BIRTHS = st.dates(date(1920, 1, 1), date(2026, 1, 1))
ANYBODY = st.builds(
    Person,
    surname=ANY_TEXT | NAMES,
    given_name=ANY_TEXT | NAMES,
    patronymic=ANY_TEXT,
    sex=st.sampled_from(["", "f", "m"]),
    born_on=st.none() | BIRTHS,
    tax_number=st.sampled_from(["", "3184710691", "1"]),
    document=ANY_TEXT,
)
ANYTHING = st.builds(
    Facts, st.tuples(ANYBODY) | st.tuples(ANYBODY, ANYBODY), ANY_TEXT, ANY_TEXT, ANY_TEXT
)


@st.composite
def mistyped(draw: st.DrawFn, name: str) -> str:
    """The name with one letter left out, put in, exchanged, or two swapped."""
    at = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from(LETTERS))
    return draw(
        st.sampled_from(
            [
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            ]
        )
    )


def a_family(person: Person = MARIIA, **changes: str) -> Facts:
    return Facts((person,), **({"origin": ORIGIN} | changes))


def meet(one: Facts, other: Facts) -> bool:
    """Whether one is looked for where the other is kept."""
    kept = {*exact_keys(other), *fuzzy_keys(other)}
    return bool(kept & {*exact_keys(one), *sought_keys(one)})


@pytest.mark.parametrize(
    "spelt",
    [
        "Олександр Александр Oleksandr Aleksandr Alexandr",
        "Сергій Сергей Serhii Sergey Sergei Serhiy",
        "Юлія Юлия Yuliia Iuliia Yulia",
        "Євген Евгений Yevhen",
        "Наталія Наталья Nataliia",
        "Мар'яна Мар’яна Марьяна Мар`яна Mariana",
        "Щербак Shcherbak Щєрбак",
        "Хмельницький Хмельницкий Khmelnytskyi Khmelnitskiy",
        "Жук Zhuk ЖУК",
        "Ганна Анна Hanna Anna",
        "Дмитро Дмитрий Dmytro",
        "Ґалаґан Галаган Galagan Halahan",
    ],
)
def test_spellings_of_one_name_meet(spelt: str) -> None:
    assert len({canonical(name) for name in spelt.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Марія", "Марина"), ("Іван", "Ілля"), ("Шевченко", "Шевчук"), ("Яна", "Яр")]
)
def test_names_of_different_people_do_not_meet(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(ANYTHING, ANYTHING)
def test_likeness_does_not_depend_on_who_came_first(one: Facts, other: Facts) -> None:
    assert compare(one, other) == compare(other, one)


@given(ANYTHING, ANYTHING)
def test_anything_typed_gives_a_score_and_never_an_error(one: Facts, other: Facts) -> None:
    found = compare(one, other)
    assert 0 <= found.score <= 100
    assert found.score == 0 or found.why
    meet(one, other)


@given(NAMES, NAMES, BIRTHS)
def test_an_exact_repeat_is_always_found(surname: str, given_name: str, born_on: date) -> None:
    family = a_family(Person(surname, given_name, born_on=born_on))
    assert compare(family, family).is_likely
    assert meet(family, family)


@given(st.data(), NAMES, NAMES, BIRTHS)
def test_one_typing_error_in_each_name_is_found(
    data: st.DataObject, surname: str, given_name: str, born_on: date
) -> None:
    person = Person(surname, given_name, born_on=born_on)
    again = replace(
        person,
        surname=data.draw(mistyped(surname)),
        given_name=data.draw(mistyped(given_name)),
    )
    assert compare(a_family(person), a_family(again, origin="")).is_likely
    assert meet(a_family(again, origin=""), a_family(person))


@pytest.mark.parametrize(
    ("again", "why"),
    [
        ({"surname": "Марія", "given_name": "Шевченко"}, Why.NAMES_SWAPPED),
        ({"surname": "Shevchenko", "given_name": "Mariia", "patronymic": ""}, Why.NAMES),
        ({"given_name": "Мария", "patronymic": "Ивановна"}, Why.PATRONYMIC),
        ({"born_on": date(1991, 8, 25)}, Why.BORN_NEAR),
        ({"born_on": date(1992, 8, 24)}, Why.BORN_NEAR),
        ({"born_on": date(1991, 1, 1)}, Why.BORN_YEAR),
        ({"surname": "Ткач"}, Why.GIVEN_NAMES),
        ({"born_on": None}, Why.ORIGIN),
    ],
)
def test_what_people_and_clerks_change_is_found_with_its_reason(
    again: dict[str, object], why: Why
) -> None:
    other = a_family(replace(MARIIA, **again))  # type: ignore[arg-type]
    found = compare(a_family(), other)
    assert found.is_likely
    assert why in found.why
    assert meet(other, a_family())


def test_day_and_month_swapped_are_found() -> None:
    one = a_family(replace(MARIIA, born_on=date(1991, 8, 4)))
    other = a_family(replace(MARIIA, born_on=date(1991, 4, 8)))
    assert Why.BORN_SWAPPED in compare(one, other).why
    assert compare(one, other).is_likely
    assert meet(one, other)


@pytest.mark.parametrize(
    "other",
    [
        a_family(replace(MARIIA, given_name="Оксана", patronymic="")),
        a_family(replace(MARIIA, born_on=date(1960, 2, 3))),
        a_family(Person("Шевченко", "Тарас", "Григорович", "m", date(1991, 8, 24))),
        a_family(Person("Коваль", "Ганна"), origin="Бахмут"),
        Facts(),
    ],
)
def test_other_people_are_left_in_peace(other: Facts) -> None:
    assert not compare(a_family(), other).is_likely


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"phone": "+380501234567"}, {"phone": "050 123-45-67"}, Why.PHONE),
        ({"iban": "UA21 3223"}, {"iban": "ua213223"}, Why.IBAN),
    ],
)
def test_a_number_that_is_the_same_is_enough(
    one: dict[str, str], other: dict[str, str], why: Why
) -> None:
    first = Facts((Person("Коваль", "Ганна"),), **one)
    second = Facts((Person("Бондар", "Ігор"),), **other)
    assert compare(first, second).is_likely
    assert why in compare(first, second).why
    assert meet(first, second)


def test_a_document_is_the_same_in_cyrillic_and_latin_letters() -> None:
    one, other = Person("А", "Б", document="КА 123456"), Person("В", "Г", document="ka123456")
    assert compare(Facts((one,)), Facts((other,))).why == (Why.DOCUMENT,)
    assert meet(Facts((one,)), Facts((other,)))


def test_two_tax_numbers_tell_namesakes_apart() -> None:
    one = replace(MARIIA, tax_number="3184710691")
    other = replace(MARIIA, tax_number="2204710691", born_on=None)
    assert not compare(a_family(one), a_family(other)).is_likely
