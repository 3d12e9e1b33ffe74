"""A machine whose clock stands still, for forms that ask for the day."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from localservices.applications.xforms.scope import Device

NOON = datetime(2026, 11, 24, 12, 30, 15, 250_000, tzinfo=UTC)


def counted() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012}"


def a_device(now: datetime = NOON) -> Device:
    return Device(lambda: now, counted(), lambda: 0.5, {"username": "olena", "deviceid": "node-7"})
