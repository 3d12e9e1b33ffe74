"""The only module of central that reads time."""

import time


def wall_ms() -> int:
    """Unix milliseconds. May jump; never used to measure."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds that never go back. Their beginning means nothing."""
    return time.monotonic_ns() // 1_000_000
