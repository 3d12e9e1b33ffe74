"""What a relay brings: judged as if it had come by itself, whatever the relay does to it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.messages import Message
from sync.wire.sign import sign
from tests.sync.core.hearing import FIRST, KEYS, OTHER, OURS, Central, Start


def parcel(message: Message, *, signer: str = OURS, named: str = OURS) -> Parcel:
    return Parcel(named, sign(messages.encode(message), KEYS[signer]))


def bring(central: Central, *parcels: Parcel) -> list[tuple[str, bytes]]:
    """The other node is the relay."""
    data = sign(messages.encode(Carried(OTHER, parcels)), KEYS[OTHER])
    return central.intake.take([(OTHER, data)], 5_000)


@pytest.fixture
def start() -> Start:
    return Start(FIRST, 6)


@pytest.fixture
def central() -> Central:
    return Central()


def test_parcels_are_stored_and_answered_as_their_node_s_own(
    central: Central, start: Start
) -> None:
    ways: list[tuple[str, str]] = []
    central.intake.on_carried = lambda relay, node: ways.append((relay, node))
    answers = bring(central, parcel(start.link()), parcel(start.batch(1, 6)))
    assert [node_id for node_id, _ in answers] == [OURS]
    assert len(central.held()) == 6
    assert set(ways) == {(OTHER, OURS)}


def test_a_parcel_that_comes_by_the_relay_and_by_itself_is_stored_once(
    central: Central, start: Start
) -> None:
    central.hear(start.link(), start.batch(1, 4))
    bring(central, parcel(start.batch(1, 4)), parcel(start.batch(3, 6)))
    central.hear(start.batch(1, 6))
    assert len(central.held()) == 6


def test_a_parcel_under_another_s_name_counts_against_the_relay_alone(
    central: Central, start: Start
) -> None:
    ways: list[tuple[str, str]] = []
    central.intake.on_carried = lambda relay, node: ways.append((relay, node))
    answers = bring(central, parcel(start.link(), signer=OTHER), parcel(start.link(), named=OTHER))
    assert answers == []
    assert ways == []
    assert central.held() == []
    assert not central.node.refusals
    assert central.log.nodes[OTHER].refusals.total() == 1


def test_a_parcel_in_a_parcel_is_not_opened(central: Central, start: Start) -> None:
    inner = Carried(OURS, (parcel(start.link()),))
    assert bring(central, parcel(inner), parcel(start.batch(1, 1))) != []
    assert central.node.book.links == {}
    assert central.log.nodes[OTHER].refusals.total() == 1


def test_good_parcels_are_taken_from_among_spoiled_ones(central: Central, start: Start) -> None:
    spoiled = Parcel(OURS, b"\xff" * 90)
    stranger = Parcel("nobody", parcel(start.link()).message)
    good = parcel(start.link()), parcel(start.batch(1, 6))
    bring(central, spoiled, good[0], stranger, *[spoiled] * 400, good[1])
    assert len(central.held()) == 6
    assert central.log.nodes[OTHER].refusals.total() == 1


def test_a_flood_of_one_hello_is_answered_once(central: Central, start: Start) -> None:
    hello = parcel(start.hello(0, 6))
    assert len(bring(central, *[hello] * 512)) == 1


@given(seed=st.integers(0, 10_000))
def test_whatever_a_relay_drops_doubles_reorders_or_alters_no_record_is_wrong_or_twice(
    seed: int,
) -> None:
    """And once the node speaks for itself, all are there."""
    chance, central, start = random.Random(seed), Central(), Start(FIRST, 6)
    honest = [parcel(start.link())] + [parcel(start.batch(n, n)) for n in range(1, 7)]
    for _ in range(3):
        told = [chance.choice(honest) for _ in range(chance.randint(0, 12))]
        bring(central, *[_altered(one, chance) for one in told])
    assert central.held() == [(FIRST, seq) for seq in range(1, len(central.held()) + 1)]
    central.hear(start.link(), start.batch(1, 6))
    assert central.held() == [(FIRST, seq) for seq in range(1, 7)]
    assert central.found() == set()
    assert not central.node.refusals


def _altered(one: Parcel, chance: random.Random) -> Parcel:
    match chance.randint(0, 3):
        case 0:
            place = chance.randrange(len(one.message))
            flipped = bytes([one.message[place] ^ (1 << chance.randrange(8))])
            return Parcel(one.node_id, one.message[:place] + flipped + one.message[place + 1 :])
        case 1:
            return Parcel(OTHER, one.message)
        case _:
            return one
