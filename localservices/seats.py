"""Who is signed in: kept in memory only, ended by idleness, by age and with the process."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.store.keys import Account, Role

IDLE_MS_MAX = 15 * 60_000  # a form that was being filled in is kept across the next sign-in
AGE_MS_MAX = 12 * 3_600_000  # one shift
SEATS_MAX = 500  # far more people than a centre has


@dataclass(frozen=True, slots=True)
class Seat:
    """One person in one browser. Times are monotonic milliseconds."""

    account: Account
    taken_ms: int
    used_ms: int

    def is_over_at(self, now_ms: int) -> bool:
        return now_ms - self.used_ms > IDLE_MS_MAX or now_ms - self.taken_ms > AGE_MS_MAX


class Seats:
    """Every method may be called from any thread.

    ``on_empty`` is called when the last member of staff has left: time to lock the working set.
    """

    def __init__(self, now_ms: Callable[[], int], on_empty: Callable[[], None]) -> None:
        """``now_ms`` is monotonic."""
        self._now_ms = now_ms
        self._on_empty = on_empty
        self._seats: dict[str, Seat] = {}
        self._turn = threading.Lock()

    def take(self, account: Account) -> str:
        """Give the secret that the browser brings with each request."""
        now_ms = self._now_ms()
        key = secrets.token_urlsafe(32)
        with self._turn:
            while len(self._seats) >= SEATS_MAX:
                del self._seats[min(self._seats, key=lambda known: self._seats[known].used_ms)]
            self._seats[key] = Seat(account, now_ms, now_ms)
        return key

    def at(self, key: str, *, using: bool) -> Seat | None:
        """The seat of a request; ``using``: a person acted, so idleness starts anew."""
        self.sweep()
        with self._turn:
            seat = self._seats.get(key)
            if seat is not None and using:
                self._seats[key] = replace(seat, used_ms=self._now_ms())
        return seat

    def knows(self, key: str) -> bool:
        """Whether somebody sits there, who is acting now. Never waits for the working set."""
        now_ms = self._now_ms()
        with self._turn:
            seat = self._seats.get(key)
            if seat is None or seat.is_over_at(now_ms):
                return False
            self._seats[key] = replace(seat, used_ms=now_ms)
        return True

    def leave(self, key: str) -> None:
        self._drop([key])

    def sweep(self) -> None:
        """End what has been idle for too long."""
        now_ms = self._now_ms()
        with self._turn:
            over = [key for key, seat in self._seats.items() if seat.is_over_at(now_ms)]
        if over:
            self._drop(over)

    def _drop(self, keys: list[str]) -> None:
        with self._turn:
            gone = [seat for key in keys if (seat := self._seats.pop(key, None)) is not None]
            last = any(map(_is_staff, gone)) and not any(map(_is_staff, self._seats.values()))
        if last:
            self._on_empty()


def _is_staff(seat: Seat) -> bool:
    return seat.account.role is Role.STAFF
