"""Killing a process at a chosen step: what was committed stays, all else is gone."""

from collections.abc import Callable
from typing import TypeVar

from sqlite_utils import Database

from sync.store.writer import DirectWriter

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone at this very step."""


class Fuse:
    """Burns a step at a time; at the last one the process is killed."""

    def __init__(self) -> None:
        self.left: int | None = None  # None: not lit

    def step(self) -> None:
        """A point where the process may die: before and after everything that lasts or leaves."""
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            raise Killed


class MortalWriter(DirectWriter):
    """A writer whose process may be killed before, within and after the commit."""

    def __init__(self, db: Database, fuse: Fuse) -> None:
        super().__init__(db)
        self.fuse = fuse

    def run(self, job: Callable[[Database], T]) -> T:
        self.fuse.step()
        result = super().run(self._within(job))
        self.fuse.step()
        return result

    def _within(self, job: Callable[[Database], T]) -> Callable[[Database], T]:
        def mortal(db: Database) -> T:
            result = job(db)
            self.fuse.step()
            return result

        return mortal
