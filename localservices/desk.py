"""What a service may touch, gathered in one value."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlite_utils import Database

from sync.store.errors import LockedError
from sync.store.keys import Role
from sync.store.store import Store
from sync.store.working import Working


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk per request; a page gets it from ``localservices.security.current_desk``."""

    store: Store
    working: Working
    staff_name: str  # who signed in; goes into what they write
    now_ms: Callable[[], int]  # wall clock, Unix milliseconds
    new_id: Callable[[], bytes]  # 16 unguessable bytes
    role: Role = Role.STAFF

    @property
    def can_read(self) -> bool:
        """This person may search and read, and somebody has unlocked the working set."""
        return self.role is Role.STAFF and self.working.is_open

    def reading(self) -> AbstractContextManager[Database]:
        """The working set's tables; raises LockedError unless this person can read."""
        if self.role is not Role.STAFF:
            raise LockedError("this account may write and not read")
        return self.working.reading()
