"""The only module of central that reads time."""

import time
from datetime import UTC, datetime


def wall_ms() -> int:
    """Unix milliseconds. May jump; never used to measure."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds that never go back. Their beginning means nothing."""
    return time.monotonic_ns() // 1_000_000


def utc() -> datetime:
    """The same wall time as a date, for signatures that end."""
    return datetime.fromtimestamp(wall_ms() / 1000, UTC)
