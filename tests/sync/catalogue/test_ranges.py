"""A file is asked for in few and small requests, whatever the link does with them."""

from hypothesis import given
from hypothesis import strategies as st

from sync.catalogue.ranges import (
    IN_FLIGHT_MAX,
    LENGTH_FIRST,
    LENGTH_MIN,
    PATIENCE_MIN_MS,
    End,
    Pace,
    Ranges,
)
from sync.wire.pieces import PIECE_BYTES_MAX, Piece

NAME = "targets/x"
WHOLE = bytes(range(256)) * 512  # 128 KiB


def a_piece(offset: int, length: int, whole: bytes = WHOLE) -> Piece:
    return Piece(NAME, offset, len(whole), whole[offset : offset + length])


def a_file(have: int = 0, **changes: int) -> Ranges:
    return Ranges(have, changes.get("bytes_max", len(WHOLE)), Pace())


@given(st.data(), st.integers(0, len(WHOLE)))
def test_any_order_loss_and_repetition_give_the_file_once(data: st.DataObject, have: int) -> None:
    ranges, kept, now_ms = a_file(have), WHOLE[:have], 0
    underway: list[Piece] = []
    for _ in range(2000):
        for ask in ranges.due(now_ms):
            underway.append(a_piece(ask.offset, ask.length))
        act = data.draw(st.sampled_from(["arrive", "arrive", "arrive", "repeat", "lose", "wait"]))
        now_ms += 400
        if act == "wait" or not underway:
            now_ms = max(now_ms, ranges.deadline_ms or now_ms)
            continue
        piece = underway[data.draw(st.integers(0, len(underway) - 1))]
        if act != "repeat":
            underway.remove(piece)
        if act == "lose":
            continue
        fresh, end = ranges.take(piece, now_ms)
        kept += fresh
        assert kept == WHOLE[: len(kept)]
        assert len(ranges._sent) <= IN_FLIGHT_MAX
        if end is not None:
            break
    else:
        return  # luck was against it; nothing wrong was kept
    assert (end, kept) == (End.WHOLE, WHOLE)


@given(st.integers(0, 1 << 62), st.none() | st.integers(0, 1 << 62), st.binary(max_size=9000))
def test_no_piece_that_was_not_asked_for_is_kept(
    offset: int, total: int | None, data: bytes
) -> None:
    ranges = a_file()
    ranges.due(0)
    ranges.take(a_piece(0, LENGTH_FIRST), 100)
    asked = {ask.offset for ask in ranges.due(200)}
    fresh, end = ranges.take(Piece(NAME, offset, total, data), 300)
    if offset not in asked or total != len(WHOLE):
        assert fresh == b""
    assert len(fresh) <= PIECE_BYTES_MAX
    assert end is None or end in End


def test_a_quick_link_is_asked_for_more_and_a_slow_one_for_less() -> None:
    pace = Pace()
    for _ in range(5):
        pace.answered(700)
    assert pace.length == PIECE_BYTES_MAX
    for _ in range(9):
        pace.answered(9_000)
    assert pace.length == LENGTH_MIN
    assert pace.patience_ms == 36_000


def test_silence_makes_it_ask_again_for_less_and_wait_for_longer() -> None:
    ranges = a_file()
    assert [ask.length for ask in ranges.due(0)] == [LENGTH_FIRST]
    assert ranges.due(PATIENCE_MIN_MS - 1) == []
    assert [(ask.offset, ask.length) for ask in ranges.due(PATIENCE_MIN_MS)] == [(0, 2048)]
    assert ranges.deadline_ms == 3 * PATIENCE_MIN_MS


def test_a_file_that_is_not_there_or_too_large_or_another_is_told_apart() -> None:
    assert a_file().take(Piece(NAME, 0, None, b""), 0) == (b"", End.ABSENT)
    assert a_file(bytes_max=10).take(a_piece(0, 4), 0) == (b"", End.TOO_LARGE)
    assert a_file(have=len(WHOLE) + 1).take(a_piece(0, 4), 0) == (b"", End.CHANGED)
    ranges = a_file()
    ranges.due(0)
    ranges.take(a_piece(0, 4096), 1)
    assert ranges.take(a_piece(4096, 4096, WHOLE[:5000]), 2) == (b"", End.CHANGED)


def test_a_file_that_was_whole_before_a_restart_costs_one_request() -> None:
    ranges = a_file(have=len(WHOLE))
    [ask] = ranges.due(0)
    assert ranges.take(a_piece(ask.offset, ask.length), 1) == (b"", End.WHOLE)
