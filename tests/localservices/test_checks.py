"""What a field of the registration form takes, and what it refuses."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.refusal import Refusal
from localservices.registration import checks
from localservices.text import clean

TODAY = date(2026, 11, 23)


def the_refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code.removeprefix("registration.")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("24.08.1991", date(1991, 8, 24)),
        ("4.8.1991", date(1991, 8, 4)),
        ("1991-08-24", date(1991, 8, 24)),
        (" 24. 08. 1991 ", date(1991, 8, 24)),
        ("29.02.2024", date(2024, 2, 29)),
        ("", None),
    ],
)
def test_a_day_is_taken_as_ukrainians_and_as_machines_write_it(
    typed: str, day: date | None
) -> None:
    assert checks.past_day(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("31.02.1991", "date_wrong"),
        ("08/24/1991", "date_wrong"),
        ("24.08.91", "date_too_old"),
        ("24 серпня", "date_wrong"),
        ("24.08", "date_wrong"),
        ("٢٤.٠٨.١٩٩١", "date_wrong"),
        ("01.01.1899", "date_too_old"),
        ("25.11.2026", "date_future"),
    ],
)
def test_a_day_that_is_none_or_still_to_come_is_refused(typed: str, code: str) -> None:
    assert the_refusal(lambda: checks.past_day(typed, TODAY)) == code


def test_a_node_that_thinks_it_is_1970_still_takes_todays_children() -> None:
    assert checks.past_day("01.10.2026", date(1970, 1, 1)) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("050 123 45 67", "+380501234567"),
        ("(050) 123-45-67", "+380501234567"),
        ("+38 050 123 45 67", "+380501234567"),
        ("380501234567", "+380501234567"),
        ("+48 600 100 200", "+48600100200"),
        ("", None),
    ],
)
def test_a_telephone_is_kept_as_the_world_dials_it(typed: str, number: str | None) -> None:
    assert checks.phone(typed) == number


@pytest.mark.parametrize(
    "typed", ["05012", "123456", "+380 50 123", "050 123 45 6x", "+0501234567", "+" + "1" * 16]
)
def test_a_telephone_that_cannot_be_dialled_is_refused(typed: str) -> None:
    assert the_refusal(lambda: checks.phone(typed)) == "phone_wrong"


def test_a_tax_number_is_taken_when_its_last_digit_agrees() -> None:
    assert checks.tax_number("3184710691") == "3184710691"
    assert checks.tax_number(" 318 471 0691 ") == "3184710691"
    assert checks.tax_number("") is None


@pytest.mark.parametrize("digit", [digit for digit in "0123456789" if digit != "1"])
def test_a_tax_number_with_another_last_digit_is_refused(digit: str) -> None:
    assert the_refusal(lambda: checks.tax_number(f"318471069{digit}")) == "tax_number_check"


@pytest.mark.parametrize("typed", ["318471069", "31847106911", "318471069O", "٣١٨٤٧١٠٦٩١"])
def test_a_tax_number_of_another_shape_is_refused(typed: str) -> None:
    assert the_refusal(lambda: checks.tax_number(typed)) == "tax_number_length"


def test_a_note_keeps_its_lines_and_nothing_that_a_paper_cannot_show() -> None:
    assert checks.note("  перший\r\n\r\nдругий\x00\u200b рядок \n") == "перший\n\nдругий рядок"
    assert checks.note(" \n ") is None


def test_a_name_keeps_its_apostrophe_its_hyphen_and_its_letters_in_parts_come_together() -> None:
    assert clean("  Мар’яна-Соломія\tО'Коннор ") == "Мар’яна-Соломія О'Коннор"
    assert clean("Андри\u0306й") == "Андри\u0306й".replace("и\u0306", "й")


@given(st.text(max_size=80))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert "\x00" not in cleaned


@given(st.text(max_size=40))
def test_no_text_brings_a_check_down(text: str) -> None:
    for check in (
        checks.phone,
        checks.tax_number,
        checks.note,
        lambda typed: checks.past_day(typed, TODAY),
        lambda typed: checks.needed_text(typed, 10),
    ):
        with suppress(Refusal):
            check(text)
