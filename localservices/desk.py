"""What a service may touch, gathered in one value."""

from collections.abc import Callable
from dataclasses import dataclass

from sync.store.store import Store
from sync.store.working import Working


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk per request. ``edge.assembly`` builds it; tests build it with fakes."""

    store: Store
    working: Working
    staff_name: str  # who signed in; goes into what they write
    now_ms: Callable[[], int]  # wall clock, Unix milliseconds
    new_id: Callable[[], bytes]  # 16 unguessable bytes
