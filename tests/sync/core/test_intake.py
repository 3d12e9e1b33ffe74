"""Central's intake, threat by threat: the rules of trust, each with the message that tries it."""

from dataclasses import replace

import pytest

from sync.core.receiver import FindingCode
from sync.wire import batch, messages
from sync.wire.errors import WireError
from sync.wire.lanes import Lane
from sync.wire.messages import (
    Ack,
    Batch,
    Form,
    Refused,
)
from sync.wire.places import BEGINNING, NO_HASH, Stream
from sync.wire.sign import sign, verified
from tests.sync.core.hearing import CENTRAL, FIRST, KEYS, OTHER, OURS, SECOND, THIRD, Central, Start


@pytest.fixture
def start() -> Start:
    return Start(FIRST, 6)


@pytest.fixture
def central(start: Start) -> Central:
    """Central holds three of six records."""
    central = Central()
    central.hear(start.link(), start.batch(1, 3))
    return central


def test_what_is_new_is_stored_in_order_and_acked_by_name_and_hash(
    central: Central, start: Start
) -> None:
    ack = central.hear(start.batch(4, 6))
    assert ack is not None
    assert ack.node_id == OURS
    [mark] = ack.marks
    assert (mark.stream, mark.held) == (start.stream, start.mark(6))
    assert central.held() == [(FIRST, seq) for seq in range(1, 7)]


@pytest.mark.parametrize(("first", "last"), [(1, 3), (1, 2), (3, 3)])
def test_a_replay_is_acked_again_and_stored_once(
    central: Central, start: Start, first: int, last: int
) -> None:
    ack = central.hear(start.batch(first, last))
    assert ack is not None
    assert ack.marks[0].held == start.mark(last)
    assert len(central.held()) == 3


def test_of_a_batch_that_is_held_in_part_only_the_rest_is_stored(
    central: Central, start: Start
) -> None:
    ack = central.hear(start.batch(2, 5))
    assert ack is not None
    assert ack.marks[0].held == start.mark(5)
    assert len(central.held()) == 5


def test_behind_a_gap_nothing_is_stored_and_a_hello_is_asked_for(
    central: Central, start: Start
) -> None:
    ack = central.hear(start.batch(5, 6))
    assert ack is not None
    assert ack.wants_hello
    assert ack.marks == ()
    assert len(central.held()) == 3


def test_records_before_their_link_are_not_stored_and_the_link_is_asked_for() -> None:
    start, central = Start(FIRST, 2), Central()
    ack = central.hear(start.batch(1, 2))
    assert ack is not None
    assert ack.asks == (FIRST,)
    assert central.held() == []
    assert central.hear(start.link(), start.batch(1, 2)) is not None
    assert len(central.held()) == 2


def test_no_node_speaks_as_another(central: Central, start: Start) -> None:
    assert central.hear(start.batch(4, 4), signer=OTHER) is None
    assert central.hear(start.batch(4, 4), signer=OTHER, sender=OTHER) is None
    assert central.hear(start.batch(4, 4), sender="unknown") is None
    assert len(central.held()) == 3
    assert central.node.refusals[Refused.SIGNATURE] == 1


def test_an_ack_on_the_way_up_is_for_the_mailbox_and_moves_no_record(central: Central) -> None:
    told: list[Ack] = []
    central.intake.on_ack = told.append
    before = central.held()
    assert central.hear(Ack(OURS, 1, None, ())) is None
    assert [ack.node_id for ack in told] == [OURS]
    assert central.held() == before


def test_another_version_and_plain_noise_are_refused_and_counted(central: Central) -> None:
    signed = sign(b"\x83\x02\x01\x00", KEYS[OURS])
    assert central.intake.take([(OURS, signed), (OURS, b"noise"), (OURS, b"")], 0) == []
    assert central.node.refusals[Refused.SIGNATURE] == 3


def test_other_records_under_the_same_names_overwrite_nothing(
    central: Central, start: Start
) -> None:
    other = Start(FIRST, 6)
    other.entries = list(reversed(other.entries))
    other.hashes = batch.chain(other.key, other.stream, 1, other.base, other.entries)
    before = dict(central.node.records)
    for told in (other.batch(1, 3), other.batch(2, 5), other.batch(4, 6)):
        ack = central.hear(told)
        assert ack is not None
        assert ack.marks == ()
        assert ack.refused == ((start.stream, told.first, Refused.CONFLICT),)
    assert central.node.records == before
    assert central.found() == {FindingCode.CONFLICT}


def test_a_node_whose_disk_was_restored_is_noticed_and_both_branches_are_kept(
    central: Central, start: Start
) -> None:
    central.hear(start.batch(4, 6))
    restored = Start(SECOND, 2, (start.stream, start.mark(4)))
    ack = central.hear(restored.link(), restored.batch(1, 2))
    assert ack is not None
    assert ack.marks[0].held == restored.mark(2)
    assert central.found() == {FindingCode.FORK}
    assert len(central.held()) == 8
    assert not any(stored.cloned for stored in central.node.records.values())


def test_a_clone_is_kept_apart_and_never_dropped(central: Central, start: Start) -> None:
    clones = [Start(epoch, 3, (start.stream, start.mark(3))) for epoch in (SECOND, THIRD)]
    for seq in (1, 2, 3):
        for clone in clones:
            ack = central.hear(clone.link(), clone.batch(seq, seq))
            assert ack is not None
            assert ack.marks[0].held == clone.mark(seq)
    assert FindingCode.CLONE in central.found()
    assert len(central.held()) == 9
    apart = [place for place, stored in central.node.records.items() if stored.cloned]
    assert apart
    assert {stream.epoch for stream, _ in apart} == {THIRD}


def test_a_restored_node_hears_of_no_more_than_it_wrote(central: Central, start: Start) -> None:
    ack = central.hear(start.hello(0, 2))
    assert ack is not None
    assert ack.marks[0].held == start.mark(2)


def test_an_entry_that_nobody_can_open_is_parked_and_blocks_nothing(
    central: Central, start: Start
) -> None:
    spoiled = start.as_they_lie(4, 6)
    spoiled.data[1][0] = b"what a worn card gives back"
    ack = central.hear(spoiled)
    assert ack is not None
    assert ack.marks[0].held == start.mark(6)
    items = [central.node.records[start.stream, seq].item for seq in (4, 5, 6)]
    assert [item.entry is None for item in items] == [False, True, False]
    assert items[1].sealed == b"what a worn card gives back"


@pytest.mark.parametrize("spoil", ["seal", "count"])
def test_columns_that_do_not_open_are_refused_by_name_and_counted(
    central: Central, start: Start, spoil: str
) -> None:
    good = start.batch(4, 5)
    bad = replace(good, data=good.data[::-1]) if spoil == "seal" else replace(good, count=3)
    ack = central.hear(bad)
    assert ack is not None
    assert ack.refused == ((start.stream, 4, Refused.SEAL),)
    assert central.node.refusals[Refused.SEAL] == 1
    assert len(central.held()) == 3


def test_a_link_whose_key_central_cannot_open_is_refused(central: Central) -> None:
    stranger = Start(SECOND, 1)
    link = replace(stranger.link(), sealed_key=b"x" * 1168)
    assert central.hear(link) is None
    assert central.node.refusals[Refused.SEAL] == 1
    ack = central.hear(stranger.batch(1, 1))
    assert ack is not None
    assert ack.asks == (SECOND,)


def test_a_hello_tells_a_node_what_a_restored_central_lacks(start: Start) -> None:
    central = Central()
    ack = central.hear(start.hello(0, 6))
    assert ack is not None
    assert ack.nonce == b"nonce-08"
    assert ack.asks == (FIRST,)
    assert ack.marks[0].held == BEGINNING


def test_what_a_node_purged_and_central_lost_is_told_and_the_rest_goes_on(
    central: Central, start: Start
) -> None:
    central.hear(start.hello(5, 6))
    assert central.found() == {FindingCode.HOLE}
    ack = central.hear(start.batch(6, 6))
    assert ack is not None
    assert ack.marks[0].held == start.mark(6)


def test_a_late_copy_of_what_was_given_up_does_not_stop_the_lane(
    central: Central, start: Start
) -> None:
    central.hear(start.hello(5, 6))
    ack = central.hear(start.batch(4, 5))
    assert ack is not None
    assert ack.refused == ()
    assert ack.marks[0].held == start.mark(5)
    assert central.found() == {FindingCode.HOLE}


def test_a_commit_that_fails_acks_nothing_and_leaves_nothing(start: Start) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    central = Central(step=fail)
    with pytest.raises(OSError, match="gone"):
        central.hear(start.link(), start.batch(1, 3))
    assert central.log.nodes == {}


def test_of_health_only_the_latest_is_kept_and_nothing_is_acked(
    central: Central, start: Start
) -> None:
    stream = Stream(FIRST, Lane.HEALTH)
    for seq in (2, 3, 1):
        bare = Batch(OURS, stream, seq, 1, NO_HASH, Form.COLUMNS, b"")
        assert central.hear(batch.pack(bare, [start.entries[seq - 1]], start.key)) is None
    assert central.node.health == (FIRST, 3, start.entries[2])
    assert len(central.held()) == 3


def test_a_central_that_starts_again_reads_by_the_keys_it_kept(
    central: Central, start: Start
) -> None:
    central.forget()
    ack = central.hear(start.batch(4, 6))
    assert ack is not None
    assert ack.marks[0].held == start.mark(6)


def test_no_flipped_bit_of_an_ack_is_believed(central: Central, start: Start) -> None:
    group = [(OURS, sign(messages.encode(start.hello(0, 6)), KEYS[OURS]))]
    [(_, ack)] = central.intake.take(group, 0)
    for bit in range(len(ack) * 8):
        spoiled = bytearray(ack)
        spoiled[bit // 8] ^= 1 << bit % 8
        with pytest.raises(WireError):
            verified(bytes(spoiled), CENTRAL.public_key())
