"""Hybrid logical clock: stamps that order edits of one thing, whatever the clocks of nodes say.

Kulkarni et al., "Logical Physical Clocks", 2014: 48 bits of Unix milliseconds, 16 bits that count
what one millisecond holds. Eight random bytes follow, so that no two edits share a stamp; stamps
are compared as bytes.
"""

from collections.abc import Iterable

from sync.wire.kinds.household import STAMP_BYTES

RANDOM_BYTES = 8
_READING_BYTES = STAMP_BYTES - RANDOM_BYTES
_COUNT_BITS = 16
_MS_MAX = (1 << 47) - 1  # the year 6429: beyond it a stamp is no honest one


def stamp_after(seen: Iterable[bytes], wall_ms: int, drawn: bytes) -> bytes:
    """A stamp later than every one that was seen, and not before the clock on the wall."""
    latest = max(map(_reading, seen), default=0)
    wall_ms = min(max(0, wall_ms), _MS_MAX)
    reading = max(latest + 1, wall_ms << _COUNT_BITS)
    return reading.to_bytes(_READING_BYTES, "big") + drawn


def is_sound(stamp: bytes) -> bool:
    """Whether a later stamp exists for long enough: nobody's wrong clock may end all editing."""
    return len(stamp) == STAMP_BYTES and time_of(stamp) <= _MS_MAX


def time_of(stamp: bytes) -> int:
    """Unix milliseconds; at least what the writer's clock said."""
    return _reading(stamp) >> _COUNT_BITS


def _reading(stamp: bytes) -> int:
    return int.from_bytes(stamp[:_READING_BYTES], "big")
