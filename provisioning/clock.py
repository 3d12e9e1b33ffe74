"""The only place in provisioning that reads time."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Wall time in UTC, as this machine believes it."""
    return datetime.now(UTC)  # noqa: TID251  a door's clock.py is where time is read


def monotonic_s() -> float:
    """Seconds that never go back. Their beginning means nothing."""
    return time.monotonic()  # noqa: TID251
