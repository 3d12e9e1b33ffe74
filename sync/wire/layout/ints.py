"""Columns of whole numbers: packed to the bits that their range needs, or less where few recur."""

import math
from collections import Counter
from typing import Any

from sync.wire.compress import compress, decompress_exactly
from sync.wire.errors import MalformedError

# A chunk of numbers below ``base`` is one number in that base: close to log2(base) bits each.
_CHUNK = 64
_BASE_MAX = 1 << 64
_ESCAPE = 255  # in the byte that stands for a number: it, or more
_FRAME_COST = 16  # what zstd's frame and tables cost at least: below this saving it is not tried


def pack(values: list[int], raw: bytearray) -> Any:
    """Give the column's head; what does not fit there is appended to ``raw``.

    The head is the number itself where all are the same; [lowest, base] where the numbers are in
    ``raw``; [lowest, base, bytes] where small ones are so frequent that zstd makes less of them:
    there a byte stands for each, and what is beyond a byte is in ``raw`` once more.
    """
    low, high = min(values), max(values)
    if low == high:
        return low
    base = high - low + 1
    shifted = [value - low for value in values]
    packed = _radix(shifted, base)
    squeezed, rest = _squeezed(shifted, base, len(packed))
    if len(squeezed) + len(rest) < len(packed) and squeezed:
        raw += rest
        return [low, base, squeezed]
    raw += packed
    return [low, base]


def unpack(head: Any, count: int, raw: memoryview) -> tuple[list[int], memoryview]:
    """Give ``count`` numbers, and the rest of ``raw``.

    Raises:
        MalformedError: not what ``pack`` gives.
    """
    match head:
        case int():
            return [head] * count, raw
        case [int(low), int(base)] if 1 < base <= _BASE_MAX:
            values, raw = _from_radix(base, count, raw)
        case [int(low), int(base), bytes(squeezed)] if 1 < base <= _BASE_MAX:
            values = list(decompress_exactly(squeezed, count))
            beyond = values.count(_ESCAPE) if base > _ESCAPE + 1 else 0
            others, raw = _from_radix(base - _ESCAPE, beyond, raw)
            if beyond:
                more = iter(others)
                values = [next(more) + v if v == _ESCAPE else v for v in values]
        case _:
            raise MalformedError("not a column of numbers")
    return [low + value for value in values], raw


def _squeezed(values: list[int], base: int, bytes_max: int) -> tuple[bytes, bytes]:
    """A byte for each, compressed, and what is beyond a byte; empty if that cannot be less."""
    firsts = [min(value, _ESCAPE) for value in values]
    beyond = [value - _ESCAPE for value in values if value >= _ESCAPE]
    has_more = base > _ESCAPE + 1
    cost = _entropy_bytes(firsts) + _FRAME_COST
    if has_more:
        cost += len(beyond) * math.log2(base - _ESCAPE) / 8
    if cost >= bytes_max:
        return b"", b""
    return compress(bytes(firsts), 19), _radix(beyond, base - _ESCAPE) if has_more else b""


def _radix(values: list[int], base: int) -> bytes:
    return b"".join(_chunk(values[at : at + _CHUNK], base) for at in range(0, len(values), _CHUNK))


def _from_radix(base: int, count: int, raw: memoryview) -> tuple[list[int], memoryview]:
    values: list[int] = []
    while len(values) < count:
        size = min(_CHUNK, count - len(values))
        length = _length(size, base)
        if length > len(raw):
            raise MalformedError("a column is cut short")
        packed = int.from_bytes(raw[:length], "little")
        raw = raw[length:]
        for _ in range(size):
            packed, value = divmod(packed, base)
            values.append(value)
    return values, raw


def _chunk(values: list[int], base: int) -> bytes:
    packed = 0
    for value in reversed(values):
        packed = packed * base + value
    return packed.to_bytes(_length(len(values), base), "little")


def _length(size: int, base: int) -> int:
    largest: int = base**size - 1
    return (largest.bit_length() + 7) // 8


def _entropy_bytes(values: list[int]) -> float:
    total = len(values)
    counts = Counter(values).values()
    return sum(count * math.log2(total / count) for count in counts) / 8
