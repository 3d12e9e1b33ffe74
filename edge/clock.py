"""The only module of the node that reads time."""

import time


def wall_ms() -> int:
    """Unix milliseconds, as this machine believes. May jump by years; never used to measure."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds that never go back. Their beginning means nothing."""
    return time.monotonic_ns() // 1_000_000


def monotonic_us() -> float:
    """As ``monotonic_ms``, in microseconds."""
    return time.monotonic_ns() / 1_000
