"""Machine-readable zones: every slip is found, and nobody takes one for a proof."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine, mrz
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.mrz import check_digit, lines_of, read
from localservices.verification.verdict import Reason, State, Verdict

TODAY = date(2026, 11, 23)
NOW_MS = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 1000
SPECIMENS = Path(__file__).parents[4] / "shared" / "data" / "icao" / "mrz_specimens.json"

# Whose own digits do not agree: 160730 has the check digit 3, and 2 is printed.
AS_PRINTED = {"passport_inp.py.txt": ("expires", "whole")}


def a_card(number: str = "FA1234567", born: str = "870621", expires: str = "331231") -> str:
    """A Ukrainian identity card's three lines (TD1)."""
    first = f"IDUKR{number}{check_digit(number)}".ljust(30, "<")
    dates = f"{born}{check_digit(born)}F{expires}{check_digit(expires)}UKR".ljust(29, "<")
    whole = first[5:30] + dates[0:7] + dates[8:15] + dates[18:29]
    return "\n".join([first, dates + check_digit(whole), "LYSENKO<<OKSANA<IVANIVNA".ljust(30, "<")])


def judged(text: str) -> Verdict:
    return engine.judge(text, Knowledge(), When(NOW_MS))


def test_a_card_is_read_and_proves_nothing() -> None:
    verdict = judged(a_card())
    assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.MRZ_ALONE)
    assert verdict.document_type == "identity_card"
    claims = dict(verdict.claims)
    assert claims["name"] == "LYSENKO OKSANA IVANIVNA"
    assert (claims["birth"], claims["number"], claims["sex"]) == (
        "1987-06-21",
        "FA1234567",
        "female",
    )


def test_what_has_ended_by_its_own_lines_is_expired() -> None:
    assert judged(a_card(expires="261122")).state is State.EXPIRED
    assert judged(a_card(expires="261123")).state is not State.EXPIRED


@pytest.mark.parametrize("place", range(5, 14))
def test_a_slip_in_the_number_is_found(place: int) -> None:
    text = a_card()
    typed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    verdict = judged(typed)
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.MRZ_SLIP)
    assert "number" in verdict.details["field"]


def test_lines_may_be_typed_without_breaks_and_in_small_letters() -> None:
    assert lines_of(a_card().replace("\n", "").lower()) == a_card().split("\n")


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    number, rest = "D23145890", "7349"  # Doc 9303 part 5, a number of 12 characters
    long = number + rest[:-1]
    first = f"I<UTO{number}<{rest[:-1]}{check_digit(long)}".ljust(30, "<")
    lines = a_card().split("\n")
    assert read([first, lines[1], lines[2]], TODAY).number == long


def test_a_birth_is_never_in_the_future_and_may_be_known_in_part() -> None:
    zones = {
        born: read(a_card(born=born).split("\n"), TODAY) for born in ("261124", "261123", "40<<<<")
    }
    assert [zone.born for zone in zones.values()] == ["1926-11-24", "2026-11-23", "1940"]


@pytest.mark.skipif(not SPECIMENS.exists(), reason="../shared/data is not beside this checkout")
def test_the_specimens_are_read() -> None:
    for case in json.loads(SPECIMENS.read_text("utf-8")):
        zone = read(case["lines"], TODAY)
        assert zone.slips == AS_PRINTED.get(case["file"], ()), (case["file"], zone)
        assert zone.surname
        assert zone.number


@given(st.text(alphabet="ABCXYZ0123456789<", min_size=90, max_size=90))
def test_any_zone_is_a_verdict(text: str) -> None:
    verdict = judged(text)
    assert verdict.state is not State.VALID
    assert verdict.reason is not Reason.UNFORESEEN


@given(st.text(max_size=200))
def test_any_text_is_a_zone_or_none(text: str) -> None:
    found = mrz.lines_of(text)
    assert found is None or {len(line) for line in found} <= {30, 36, 44}
