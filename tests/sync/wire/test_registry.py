"""A registry finds what is in it with its status, hardly ever anything else, in few bytes."""

import hashlib
import math
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire.errors import MalformedError, WireError
from sync.wire.registry import delta, form, lookup
from sync.wire.registry.building import Builder
from sync.wire.registry.delta import Delta
from sync.wire.registry.form import HASH_BITS, Head
from sync.wire.registry.hashing import Hasher, plain
from sync.wire.registry.lookup import Registry

KEY = bytes(range(32))
HASHER = Hasher(KEY)


def a_head(shift: int = form.SHIFT) -> Head:
    return Head("passports", bytes(16), ("passport",), 1_795_000_000, 0, HASHER.key_id, shift=shift)


def built(statuses: dict[int, int], shift: int = form.SHIFT) -> tuple[Registry, bytes]:
    """Of hashes."""
    builder = Builder()
    for hashed, status in statuses.items():
        builder.add(hashed, status)
    written = builder.write(a_head(shift))
    data = written.head + written.index + written.buckets + written.statuses
    return lookup.opened(memoryview(data)), data


def spread(number: int) -> int:
    """A hash, as even as hashes are."""
    digest = hashlib.sha256(str(number).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 64 - HASH_BITS


HASHES = st.dictionaries(st.integers().map(spread), st.integers(0, 3), max_size=600)


@given(HASHES)
def test_all_that_is_in_it_is_found_with_its_status(statuses: dict[int, int]) -> None:
    registry, _ = built(statuses, shift=40)
    for hashed, status in statuses.items():
        rank = registry.rank(hashed)
        assert rank is not None
        assert registry.status(rank) == status


def test_a_document_that_is_added_twice_has_the_graver_status() -> None:
    builder = Builder()
    for status in (form.STANDS, form.REVOKED, form.SUSPENDED):
        builder.add(spread(1), status)
    written = builder.write(a_head())
    data = written.head + written.index + written.buckets + written.statuses
    registry = lookup.opened(memoryview(data))
    assert (registry.head.count, registry.status(0)) == (1, form.REVOKED)


def test_a_stranger_is_found_once_in_so_many_times_as_the_shift_says() -> None:
    chance = Random(1)
    registry, _ = built({chance.getrandbits(HASH_BITS): 0 for _ in range(3_000)}, shift=6)
    tries = 20_000
    found = sum(registry.rank(chance.getrandbits(HASH_BITS)) is not None for _ in range(tries))
    expected = tries / 2**6
    assert abs(found - expected) < 5 * math.sqrt(expected)


def test_it_takes_no_more_than_a_third_above_the_information_in_it() -> None:
    chance = Random(2)
    statuses = {chance.getrandbits(HASH_BITS): int(chance.random() < 0.03) for _ in range(20_000)}
    _, data = built(statuses)
    share = sum(statuses.values()) / len(statuses)
    told = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    limit = form.SHIFT + math.log2(math.e) + told
    assert 8 * len(data) / len(statuses) <= 1.3 * limit


def test_a_number_is_found_however_it_was_typed() -> None:
    assert plain("ак 123-456") == plain("AK123456") == "AK123456"
    born = date(1987, 6, 21)
    assert HASHER.hashed("passport", "АК № 123456", born) == HASHER.hashed(
        "passport", "ak123456", born
    )


def test_without_the_key_nothing_is_found() -> None:
    born = date(1987, 6, 21)
    hashes = {HASHER.hashed("passport", f"AK{number:06}", born): 0 for number in range(300)}
    registry, _ = built(hashes)
    other = Hasher(bytes(32))
    ranks = [registry.rank(other.hashed("passport", f"AK{n:06}", born)) for n in range(300)]
    assert ranks == [None] * 300


def test_a_slow_hash_is_another_one() -> None:
    born = date(1987, 6, 21)
    assert Hasher(KEY, slow=4).hashed("passport", "AK1", born) != HASHER.hashed(
        "passport", "AK1", born
    )


@given(st.integers(0, 400))
def test_a_registry_that_is_cut_off_is_refused(length: int) -> None:
    _, data = built({hashed << 50: 0 for hashed in range(100)})
    with pytest.raises(MalformedError):
        lookup.opened(memoryview(data[: min(length, len(data) - 1)]))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_registry_and_a_change_or_refused(data: bytes) -> None:
    for made in (data, form.MAGIC + data, delta.MAGIC + data):
        with pytest.raises(WireError):
            lookup.opened(memoryview(made))
        with pytest.raises(WireError):
            delta.decode(made, 100, 100 << 22)


@given(
    st.dictionaries(st.integers(0, 9_999), st.integers(0, 3), max_size=50),
    st.dictionaries(st.integers(0, (10_000 << 22) - 1), st.integers(0, 3), max_size=50),
)
def test_a_change_comes_back_as_it_was(changed: dict[int, int], added: dict[int, int]) -> None:
    made = Delta("passports", bytes(16), 1_795_000_000, changed, added)
    data = delta.encode(made, 10_000, 10_000 << 22)
    assert delta.decode(data, 10_000, 10_000 << 22)[0] == made


def test_a_change_takes_no_more_than_half_above_the_information_in_it() -> None:
    chance, count, changes = Random(3), 1_000_000, 5_000
    changed = {chance.randrange(count): 2 for _ in range(changes)}
    data = delta.encode(Delta("passports", bytes(16), 0, changed, {}), count, count << 22)
    limit = (
        math.lgamma(count + 1)
        - math.lgamma(len(changed) + 1)
        - math.lgamma(count - len(changed) + 1)
    ) / math.log(2)
    assert 8 * len(data) <= 1.5 * limit
