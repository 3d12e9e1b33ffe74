"""What lies at a relay for others: kept once, within a quota, and let go when central has it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.store.database import open_database
from sync.store.relayed import ANSWERS_MAX, Relayed, RelayFullError
from sync.store.shape import prepare
from sync.store.writer import GroupWriter
from sync.wire import messages
from sync.wire.errors import MalformedError
from sync.wire.lanes import Lane
from sync.wire.messages import Ack, AckMark, Batch, EpochLink, Form, Hello, Message, Refused
from sync.wire.places import HASH_BYTES, NO_HASH, Mark, Stream
from sync.wire.sign import payload_of, sign

FIELD, EPOCH, KEY = "field-1", b"epoch-01", Ed25519PrivateKey.generate()
QUOTA = 20_000


def a_batch(first: int, last: int, lane: Lane = Lane.PEOPLE, size: int = 900) -> Batch:
    stream = Stream(EPOCH, lane)
    return Batch(FIELD, stream, first, last - first + 1, NO_HASH, Form.COLUMNS, bytes(size))


def a_hello(nonce: bytes = b"nonce-01") -> Hello:
    return Hello(FIELD, nonce, EPOCH, ())


LINK = EpochLink(FIELD, EPOCH, (), b"sealed")


def an_ack(held: int, **changes: object) -> Ack:
    mark = AckMark(Stream(EPOCH, Lane.PEOPLE), Mark(held, bytes(HASH_BYTES)), 0)
    return Ack(FIELD, 1, None, (mark,), **changes)  # type: ignore[arg-type]


def told(*said: Message) -> list[tuple[bytes, Message]]:
    return [(sign(messages.encode(one), KEY), one) for one in said]


class Shelf:
    def __init__(self, path: Path) -> None:
        first = open_database(path)
        prepare(first)
        self.writer = GroupWriter(first)
        self.has_room = True
        self.relayed = Relayed(self.writer, open_database(path), QUOTA, lambda: self.has_room)

    def close(self) -> None:
        self.relayed.close()
        self.writer.close()

    def lying(self, lane_max: int = 9) -> list[Message]:
        found = self.relayed.next(lane_max, (), 10**9)
        return [messages.decode(payload_of(one.message)) for one in found]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "outbox.db")
    yield shelf
    shelf.close()


@pytest.fixture
def relayed(shelf: Shelf) -> Relayed:
    return shelf.relayed


def test_what_was_taken_is_there_after_a_restart(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "outbox.db")
    shelf.relayed.take(FIELD, told(LINK, a_batch(1, 5)))
    shelf.close()
    again = Shelf(tmp_path / "outbox.db")
    assert again.lying() == [LINK, a_batch(1, 5)]
    again.close()


def test_what_lies_here_already_is_not_kept_twice_in_whatever_batches_it_comes(
    relayed: Relayed,
) -> None:
    assert relayed.take(FIELD, told(LINK, a_batch(1, 5), a_batch(6, 9))) == 3
    assert relayed.take(FIELD, told(LINK, a_batch(1, 5), a_batch(3, 8), a_batch(2, 2))) == 0
    assert relayed.take(FIELD, told(a_batch(7, 12))) == 1


def test_of_a_node_s_hellos_and_of_its_acks_the_latest_is_kept(
    relayed: Relayed, shelf: Shelf
) -> None:
    relayed.take(FIELD, told(a_hello(), an_ack(1)))
    relayed.take(FIELD, told(a_hello(b"nonce-02"), an_ack(2)))
    assert shelf.lying() == [a_hello(b"nonce-02"), an_ack(2)]


def test_the_urgent_come_first_and_links_and_hellos_before_them(
    relayed: Relayed, shelf: Shelf
) -> None:
    relayed.take(FIELD, told(a_batch(1, 2, Lane.MEDIA), a_batch(1, 2), a_batch(1, 1, Lane.URGENT)))
    relayed.take(FIELD, told(LINK, a_hello()))
    said = shelf.lying()
    assert said[:2] == [LINK, a_hello()]
    assert [one.stream.lane for one in said if isinstance(one, Batch)] == [
        Lane.URGENT,
        Lane.PEOPLE,
        Lane.MEDIA,
    ]
    assert len(shelf.lying(Lane.URGENT)) == 3


def test_parcels_of_one_message_are_of_one_node(relayed: Relayed) -> None:
    other = Batch("field-2", Stream(EPOCH, Lane.PEOPLE), 1, 1, NO_HASH, Form.COLUMNS, b"x")
    relayed.take(FIELD, told(a_batch(1, 2)))
    relayed.take("field-2", told(other))
    relayed.take(FIELD, told(a_batch(3, 4)))
    assert [one.node_id for one in relayed.next(9, (), 10**9)] == [FIELD, FIELD]


def test_an_ack_lets_go_what_it_covers_and_no_more(relayed: Relayed, shelf: Shelf) -> None:
    relayed.take(FIELD, told(LINK, a_hello(), a_batch(1, 5), a_batch(6, 9)))
    relayed.confirm(FIELD, an_ack(8), b"an ack")
    assert shelf.lying() == [a_hello(), a_batch(6, 9)]
    answer = Ack(FIELD, 1, b"nonce-01", ())
    relayed.confirm(FIELD, answer, b"another")
    assert shelf.lying() == [a_batch(6, 9)]


def test_an_ack_to_another_node_lets_go_nothing(relayed: Relayed, shelf: Shelf) -> None:
    relayed.take(FIELD, told(a_batch(1, 5)))
    relayed.confirm("field-2", an_ack(8), b"an ack")
    assert shelf.lying() == [a_batch(1, 5)]


def test_what_central_refused_is_let_go_for_its_node_sends_it_otherwise(
    relayed: Relayed, shelf: Shelf
) -> None:
    relayed.take(FIELD, told(a_batch(1, 5)))
    why = (Stream(EPOCH, Lane.PEOPLE), 1, Refused.DICTIONARY)
    relayed.confirm(FIELD, an_ack(0, refused=(why,)), b"an ack")
    assert shelf.lying() == []


def test_when_it_is_full_nothing_of_a_bag_is_taken_and_what_lies_stays(
    relayed: Relayed, shelf: Shelf
) -> None:
    relayed.take(FIELD, told(a_batch(1, 5, size=15_000)))
    with pytest.raises(RelayFullError):
        relayed.take(FIELD, told(a_batch(6, 6), a_batch(7, 9, size=9_000)))
    assert shelf.lying() == [a_batch(1, 5, size=15_000)]
    relayed.confirm(FIELD, an_ack(5), b"an ack")
    relayed.take(FIELD, told(a_batch(6, 6), a_batch(7, 9, size=9_000)))
    assert relayed.load().parcels == 2


def test_our_own_records_have_the_last_of_the_disk(relayed: Relayed, shelf: Shelf) -> None:
    shelf.has_room = False
    with pytest.raises(RelayFullError):
        relayed.take(FIELD, told(a_hello()))


@pytest.mark.parametrize(
    "strange",
    [
        Hello("field-2", b"nonce-01", EPOCH, ()),
        replace(an_ack(3), node_id="field-2"),
        a_batch(1, 1, Lane.HEALTH),
    ],
)
def test_what_a_node_does_not_hand_over_is_not_taken(relayed: Relayed, strange: Message) -> None:
    with pytest.raises(MalformedError):
        relayed.take(FIELD, told(a_batch(1, 1), strange))
    assert relayed.load().parcels == 0


def test_central_s_words_are_given_again_until_the_node_says_that_it_has_them(
    relayed: Relayed,
) -> None:
    for number in range(3):
        relayed.confirm(FIELD, an_ack(number), b"word %d" % number)
    assert relayed.answers(FIELD, 0, 1000) == ([b"word 0", b"word 1", b"word 2"], 3)
    assert relayed.answers(FIELD, 0, 1000)[1] == 3
    assert relayed.answers(FIELD, 2, 1000) == ([b"word 2"], 3)
    assert relayed.answers(FIELD, 3, 1000) == ([], 3)
    assert relayed.answers("field-2", 0, 1000) == ([], 0)


def test_a_node_that_counted_on_a_disk_that_was_lost_is_given_all(relayed: Relayed) -> None:
    relayed.confirm(FIELD, an_ack(1), b"word")
    assert relayed.answers(FIELD, 700, 1000) == ([b"word"], 1)


def test_of_central_s_words_the_latest_are_kept(relayed: Relayed) -> None:
    for number in range(ANSWERS_MAX + 5):
        relayed.keep_answer(FIELD, b"word %d" % number)
    found, _ = relayed.answers(FIELD, 0, 10**6)
    assert (len(found), found[0]) == (ANSWERS_MAX, b"word 5")
