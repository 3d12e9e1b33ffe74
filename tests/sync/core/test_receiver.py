"""The receiver knows a batch's place in a node's history, and sees where the history branched."""

import pytest

from sync.core import receiver
from sync.core.receiver import Book, Finding, FindingCode, Verdict
from sync.wire.lanes import Lane
from sync.wire.messages import Batch, EpochLink, Form, Hello, Holding
from sync.wire.places import BEGINNING, NO_HASH, Mark, Stream

NODE = "node-1"
FIRST, SECOND, THIRD = b"epoch-01", b"epoch-02", b"epoch-03"


def people(epoch: bytes) -> Stream:
    return Stream(epoch, Lane.PEOPLE)


def head(name: bytes | int) -> bytes:
    return (name if isinstance(name, bytes) else b"%d" % name).ljust(32, b".")


def link(epoch: bytes, parent: bytes | None = None, seq: int = 0) -> EpochLink:
    follows = () if parent is None else ((people(parent), Mark(seq, head(seq))),)
    return EpochLink(NODE, epoch, follows, b"sealed")


def batch(epoch: bytes, first: int, count: int, previous: bytes) -> Batch:
    return Batch(NODE, people(epoch), first, count, previous, Form.COLUMNS, b"")


def grown(book: Book, epoch: bytes, seq: int) -> list[FindingCode]:
    found = receiver.advance(book, people(epoch), Mark(seq, head(seq)))
    return [finding.code for finding in found]


@pytest.fixture
def book() -> Book:
    """Central holds five records of a node's first start."""
    book = Book()
    receiver.admit(book, link(FIRST))
    receiver.advance(book, people(FIRST), Mark(5, head(5)))
    return book


@pytest.mark.parametrize(
    ("first", "count", "previous", "verdict"),
    [
        (6, 1, head(5), Verdict.NEW),
        (4, 3, head(3), Verdict.NEW),  # its first records are held, its last are not
        (1, 5, NO_HASH, Verdict.DUPLICATE),
        (5, 1, head(4), Verdict.DUPLICATE),
        (7, 1, head(6), Verdict.GAP),
        (1 << 62, 4096, head(6), Verdict.GAP),
        (6, 1, head(b"another"), Verdict.CONFLICT),
    ],
)
def test_a_batch_is_judged_by_what_is_held(
    book: Book, first: int, count: int, previous: bytes, verdict: Verdict
) -> None:
    assert receiver.judge(book, batch(FIRST, first, count, previous)) is verdict


def test_an_epoch_without_its_link_is_asked_for(book: Book) -> None:
    assert receiver.judge(book, batch(SECOND, 1, 1, NO_HASH)) is Verdict.EPOCH_UNKNOWN


def test_a_start_waits_until_what_it_follows_is_whole(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 7))
    waiting = batch(SECOND, 1, 1, head(7))
    assert receiver.judge(book, waiting) is Verdict.PARENT_FIRST
    receiver.advance(book, people(FIRST), Mark(7, head(7)))
    assert receiver.judge(book, waiting) is Verdict.NEW


def test_a_start_must_follow_the_very_record_that_its_link_names(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 5))
    assert receiver.judge(book, batch(SECOND, 1, 1, head(4))) is Verdict.CONFLICT


def test_starts_in_a_row_are_no_branching(book: Book) -> None:
    assert receiver.admit(book, link(SECOND, FIRST, 5)) == []
    assert grown(book, SECOND, 2) == []
    assert receiver.admit(book, link(THIRD, SECOND, 2)) == []
    assert grown(book, THIRD, 1) == []
    assert not book.is_clone(THIRD)


def test_a_link_that_comes_again_changes_nothing(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 3))
    before = dict(book.links)
    assert receiver.admit(book, link(SECOND, FIRST, 5)) == []
    assert book.links == before


def test_a_start_from_an_older_image_is_a_fork_and_told_once(book: Book) -> None:
    fork = Finding(FindingCode.FORK, SECOND, people(FIRST), 3)
    assert receiver.admit(book, link(SECOND, FIRST, 3)) == [fork]
    assert grown(book, SECOND, 1) == []
    assert grown(book, SECOND, 2) == []
    assert book.mark(people(FIRST)).seq == 5
    assert book.mark(people(SECOND)).seq == 2


def test_both_sides_of_a_branching_that_grow_are_a_clone(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 5))
    assert grown(book, SECOND, 1) == []
    assert FindingCode.FORK in grown(book, FIRST, 6)
    grown(book, SECOND, 2)
    grown(book, FIRST, 7)
    assert book.is_clone(SECOND)
    assert not book.is_clone(FIRST)


def test_two_starts_from_one_end_that_both_write_are_told(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 5))
    receiver.admit(book, link(THIRD, FIRST, 5))
    found = [*grown(book, SECOND, 1), *grown(book, THIRD, 1)]
    found += [*grown(book, SECOND, 2), *grown(book, THIRD, 2)]
    assert FindingCode.FORK in found
    assert FindingCode.CLONE in found


def test_a_start_that_wrote_nothing_is_no_branch(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 5))
    receiver.admit(book, link(THIRD, FIRST, 5))
    assert grown(book, THIRD, 1) == []


def test_what_neither_side_has_any_more_is_a_hole_that_is_told(book: Book) -> None:
    purged = Holding(people(FIRST), Mark(8, head(8)), Mark(9, head(9)))
    hello = Hello(NODE, b"nonce-08", FIRST, (purged,))
    [(stream, mark)] = receiver.missing_forever(book, hello, whole=True)
    found = receiver.concede(book, stream, mark)
    assert found == [Finding(FindingCode.HOLE, FIRST, people(FIRST), 8)]
    assert receiver.judge(book, batch(FIRST, 9, 1, head(8))) is Verdict.NEW
    assert receiver.concede(book, stream, mark) == []


def test_what_the_node_still_holds_is_waited_for(book: Book) -> None:
    holding = Holding(people(FIRST), BEGINNING, Mark(9, head(9)))
    hello = Hello(NODE, b"nonce-08", FIRST, (holding,))
    assert receiver.missing_forever(book, hello, whole=True) == []


def test_a_hello_that_had_no_room_for_everything_gives_nothing_up(book: Book) -> None:
    receiver.admit(book, link(SECOND, FIRST, 9))
    hello = Hello(NODE, b"nonce-08", SECOND, ())
    assert receiver.missing_forever(book, hello, whole=False) == []
    assert receiver.missing_forever(book, hello, whole=True) == [(people(FIRST), Mark(9, head(9)))]
