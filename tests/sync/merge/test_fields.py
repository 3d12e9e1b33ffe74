"""Merging: the same edits in any order of arrival give every node the same household."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.merge import clock
from sync.merge.fields import Edit, Value, merge

FIRST = {"phone": "+380501112233", "shelter": "Львів, школа 7"}
EPOCHS = [bytes([number]) * 8 for number in range(4)]
TEXTS = st.sampled_from(["", "a", "b", "c"])


@st.composite
def histories(draw: st.DrawFn) -> list[Edit]:
    """Edits as nodes write them: each sees some of those before it, and its clock says anything."""
    edits: list[Edit] = []
    for _ in range(draw(st.integers(0, 8))):
        field = draw(st.sampled_from(["phone", "shelter"]))
        theirs = [edit.stamp for edit in edits if edit.field == field]
        seen = draw(st.sets(st.sampled_from(theirs))) if theirs else set()
        wall_ms = draw(st.integers(-5, 5) | st.integers(0, 1 << 50))
        epoch = draw(st.sampled_from(EPOCHS))
        stamp = clock.stamp_after(seen, wall_ms, epoch)
        if all(edit.stamp != stamp for edit in edits):  # a start never uses one twice
            edits.append(Edit(stamp, field, draw(TEXTS), frozenset(seen)))
    return edits


@given(histories(), st.randoms())
def test_any_order_of_arrival_gives_the_same(edits: list[Edit], chance: Random) -> None:
    shuffled = [*edits, *chance.sample(edits, len(edits) // 2)]
    chance.shuffle(shuffled)
    assert merge(FIRST, shuffled) == merge(FIRST, edits)


@given(histories())
def test_nothing_that_nobody_replaced_is_lost(edits: list[Edit]) -> None:
    replaced = {stamp for edit in edits for stamp in edit.seen}
    live = {edit for value in merge(FIRST, edits).values() for edit in value.live}
    assert live == {edit for edit in edits if edit.stamp not in replaced}


@given(histories(), TEXTS)
def test_who_has_seen_all_of_a_field_decides_it(edits: list[Edit], text: str) -> None:
    live = [edit.stamp for edit in merge(FIRST, edits)["phone"].live]
    last = Edit(clock.stamp_after(live, 0, EPOCHS[0]), "phone", text, frozenset(live))
    assert merge(FIRST, [*edits, last])["phone"] == Value(text, (last,))


def test_fields_do_not_disturb_one_another() -> None:
    phone, shelter = edit("phone", "+380670000000", 1), edit("shelter", "Стрий", 2)
    merged = merge(FIRST, [phone, shelter])
    assert {name: value.text for name, value in merged.items()} == {
        "phone": "+380670000000",
        "shelter": "Стрий",
    }
    assert not any(value.collides for value in merged.values())


def test_two_that_did_not_see_each_other_are_both_kept() -> None:
    early, late = edit("phone", "+1", 1), edit("phone", "+2", 2)
    value = merge(FIRST, [late, early])["phone"]
    assert (value.text, value.live, value.collides) == ("+2", (late, early), True)


def test_two_that_say_the_same_do_not_collide() -> None:
    assert not merge({}, [edit("phone", "+1", 1), edit("phone", "+1", 2)])["phone"].collides


def test_one_stamp_on_two_edits_is_judged_alike_everywhere() -> None:
    one = edit("phone", "+1", 1)
    forged = replace(one, text="+2")
    results = [merge({}, order) for order in itertools.permutations([one, forged, one])]
    assert all(result == results[0] for result in results)


@given(st.lists(st.integers(0, 1 << 46), min_size=1), st.sampled_from(EPOCHS))
def test_a_stamp_is_later_than_all_that_its_writer_saw(walls: Sequence[int], epoch: bytes) -> None:
    seen: list[bytes] = []
    for wall_ms in walls:
        stamp = clock.stamp_after(seen, wall_ms, epoch)
        assert all(other < stamp for other in seen)
        assert clock.time_of(stamp) >= wall_ms
        seen.append(stamp)


def test_nobody_s_wrong_clock_ends_all_editing() -> None:
    assert clock.is_sound(clock.stamp_after([], 1 << 60, EPOCHS[0]))
    assert not clock.is_sound(b"\xff" * 16)
    assert not clock.is_sound(b"short")


def edit(field: str, text: str, at_ms: int) -> Edit:
    return Edit(clock.stamp_after([], at_ms, EPOCHS[at_ms % 4]), field, text)
