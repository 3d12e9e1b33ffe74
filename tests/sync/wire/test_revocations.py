"""The list of revoked eDocuments holds what was revoked and nothing else, in few bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import revocations
from sync.wire.errors import MalformedError, WireError

NUMBERS = st.sets(
    st.builds(
        lambda node, epoch, seq: f"{node}-{epoch:06x}-2-{seq}",
        st.sampled_from(["kharkiv-07", "lviv-1"]),
        st.integers(0, 0xFFFFFF),
        st.integers(0, 10**9),
    )
)


@given(NUMBERS)
def test_all_that_was_revoked_is_there_and_no_other(numbers: set[str]) -> None:
    found = revocations.decode(revocations.encode(numbers))
    assert {(name, place) for name, places in found.items() for place in places} == {
        revocations.list_of(number) for number in numbers
    }


def test_a_country_s_list_takes_few_bytes() -> None:
    numbers = [f"kharkiv-07-0a1b2c-2-{place}" for place in range(0, 100_000, 10)]
    assert len(revocations.encode(numbers)) < 1.1 * len(numbers)


@pytest.mark.parametrize(
    "number", ["", "node", "node-", "-5", "node-x", "node-5²", "n-" + "9" * 19]
)
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(MalformedError):
        revocations.list_of(number)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        revocations.decode(data)
    except WireError:
        return
