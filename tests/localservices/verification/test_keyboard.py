"""A scanner's keys on a Ukrainian layout still give what it read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import engine, keyboard
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import State
from tests.localservices.verification.issuing import NOW_MS, Issuer

_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def on_ukrainian_keys(text: str) -> str:
    """What comes out when the scanner presses the keys of ``text``."""
    return text.translate(str.maketrans(keyboard._AMERICAN, keyboard._UKRAINIAN))


@given(st.text(_BASE45))
def test_every_sign_of_a_code_comes_back(text: str) -> None:
    assert keyboard.meant(on_ukrainian_keys("HC1:" + text)) == "HC1:" + text


@pytest.mark.parametrize("text", ["", "12345", "HC1:АБВ", "АК123456 Kyiv"])
def test_what_holds_latin_letters_or_no_letters_is_left_as_it_is(text: str) -> None:
    assert keyboard.meant(text) == text


def test_a_certificate_scanned_on_the_wrong_layout_is_judged_as_itself() -> None:
    issuer = Issuer()
    scanned = on_ukrainian_keys(issuer.issue())
    assert scanned.startswith("РС1Ж")
    verdict = engine.judge(scanned, Knowledge((issuer.trusted,)), When(NOW_MS))
    assert verdict.state is State.VALID
