"""Births and wills: small, pinned, and anything else is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import presence
from sync.wire.errors import MalformedError, OversizedError, WireError
from sync.wire.presence import Presence


def test_the_bytes_of_version_1_never_change() -> None:
    assert presence.encode(Presence(b"epoch--7", up=True)) == b"\x83\x01Hepoch--7\xf5"
    assert presence.encode(Presence(b"epoch--7", up=False)) == b"\x83\x01Hepoch--7\xf4"


@given(st.builds(Presence, st.binary(min_size=8, max_size=8), st.booleans()))
def test_what_is_encoded_decodes_to_the_same(given_presence: Presence) -> None:
    assert presence.decode(presence.encode(given_presence)) == given_presence


@given(st.binary(max_size=40))
def test_any_bytes_decode_or_are_refused_as_wire_errors(data: bytes) -> None:
    with suppress(WireError):
        presence.decode(data)


def test_a_huge_birth_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(OversizedError):
        presence.decode(b"\x83" + bytes(1_000_000))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", b"\x83\x02Hepoch--7\xf5", b"\x83\x01Gepoch-7\xf5", b"\x83\x01Hepoch--7\x01"],
)
def test_another_version_length_or_type_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        presence.decode(data)


def test_true_is_not_taken_for_version_one() -> None:
    with pytest.raises(MalformedError):
        presence.decode(b"\x83\xf5Hepoch--7\xf5")
