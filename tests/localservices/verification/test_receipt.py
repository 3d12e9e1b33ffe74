"""Whoever applied can prove it anywhere, with no link and whatever became of the record."""

from dataclasses import replace

import segno
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.verdict import State
from sync.wire import base45
from sync.wire.edocument import PREFIX, Filing, Mandate, receipt
from tests.localservices.verification.test_edocument import (
    ABROAD,
    DAY_S,
    HOME,
    NOW_S,
    judged,
    known,
)

FILING = Filing(
    "cash-assistance",
    "Щомісячна допомога на проживання",
    "kharkiv-07-039f4d-1-104",
    bytes(range(32)),
    NOW_S - 90,
    NOW_S,
)


def filed(filing: Filing = FILING) -> str:
    return receipt(filing, Mandate(HOME.key, HOME.word))


def test_any_node_of_the_authority_reads_what_was_asked_and_when() -> None:
    verdict = judged(filed())
    assert (verdict.state, verdict.document_type) == (State.VALID, "receipt")
    claims = dict(verdict.claims)
    assert claims["asked"] == FILING.title
    assert claims["number"] == FILING.number
    assert claims["record"] == FILING.record_sha256.hex()
    assert claims["filed_since"] < claims["filed"]


def test_years_later_it_still_proves_it() -> None:
    assert judged(filed(), at_s=NOW_S + 3_000 * DAY_S).state is not State.EXPIRED


def test_it_fits_into_a_small_code() -> None:
    code = segno.make(filed(), error="m", boost_error=False)
    assert int(code.version) <= 17


def test_who_knows_another_authority_does_not_believe_it() -> None:
    assert judged(filed(), known(ABROAD)).state is State.UNTRUSTED_ISSUER


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_changed_one_is_never_believed(at: int, bit: int) -> None:
    data = bytearray(base45.decode(filed()[len(PREFIX) :]))
    data[at % len(data)] ^= 1 << bit
    changed = PREFIX + base45.encode(bytes(data))
    assert judged(changed).state is not State.VALID or changed == filed()


def test_one_that_says_nothing_of_a_record_is_malformed() -> None:
    assert judged(filed(replace(FILING, record_sha256=b""))).state is State.MALFORMED
