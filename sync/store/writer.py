"""One writer for the outbox: concurrent writes share a commit, each with its own answer."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar, cast

from sqlite_utils import Database

from sync.store.database import writing
from sync.store.errors import StoreFailedError, StoreFullError

T = TypeVar("T")
Job = Callable[[Database], Any]

GROUP_MAX = 256  # jobs in one commit; bounds what one failure refuses at once
PATIENCE_S = 0.0001  # for each that came to the last commit: about what one needs to come again


class Writer(Protocol):
    """Runs a job in a transaction that is on disk before its result is given.

    A job may be run twice, the first time undone: it reads and writes the database, and no more.
    """

    def run(self, job: Callable[[Database], T]) -> T:
        """Raises what the job raises, StoreFullError, or StoreFailedError; then nothing lasts."""

    def close(self) -> None: ...


class Wish:
    """A job on its way to the disk, and its answer when it is there."""

    __slots__ = ("answered", "failure", "job", "result", "woken")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.result: Any = None
        self.failure: Exception | None = None
        self.answered = False
        self.woken = threading.Lock()  # released when this is answered, or has the turn
        self.woken.acquire()

    def answer(self) -> Any:
        if self.failure is not None:
            raise self.failure
        return self.result


class DirectWriter:
    """Commits in the caller's thread, one job a time: for the simulator, tools and tests."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def run(self, job: Callable[[Database], T]) -> T:
        wish = Wish(job)
        commit_group(self._db, [wish])
        return cast(T, wish.answer())

    def close(self) -> None:
        self._db.close()


class GroupWriter:
    """Whoever writes while nobody does commits for all who come in the meantime.

    There is one turn, and who has it is the one writer. It commits what has gathered, passes the
    turn to the first of those who came while it did, and then answers its own group. So a lone
    caller waits for the disk only, and not for another thread to wake before and after.

    Attributes:
        failed: set once the disk has failed; every later job is refused, for after a failed
            fsync later commits merely look successful.
    """

    def __init__(self, db: Database) -> None:
        self.failed = threading.Event()
        self._db = db
        self._guard = threading.Lock()  # of all below
        self._complete = threading.Condition(self._guard)
        self._expected = 1  # as many as came to the last commit
        self._gathered: deque[Wish] = deque()
        self._taken = False  # somebody has the turn
        self._closed = False

    def run(self, job: Callable[[Database], T]) -> T:
        return cast(T, self._carry(Wish(job), closing=False))

    def close(self) -> None:
        """Commit what is waiting, then close the file."""
        with suppress(StoreFailedError):  # closed before, or the disk has failed
            self._carry(Wish(lambda _: None), closing=True)
        self._db.close()

    def _carry(self, wish: Wish, *, closing: bool) -> Any:
        with self._guard:
            if self.failed.is_set():
                raise StoreFailedError("the disk has failed; the node must be started again")
            if self._closed:
                raise StoreFailedError("the store is closed")
            self._closed = closing
            self._gathered.append(wish)
            mine, self._taken = not self._taken, True
            if self._expected > 1 and len(self._gathered) >= self._expected:
                self._complete.notify()
        if not mine:
            wish.woken.acquire()
        if not wish.answered:
            self._commit()
        return wish.answer()

    def _commit(self) -> None:
        """Use the turn, which is ours. Our own wish is the first of those that have gathered."""
        group: list[Wish] = []
        broken = True
        try:
            group = self._gather()
            commit_group(self._db, group)
            broken = isinstance(group[0].failure, StoreFailedError)  # then it is that of all
        finally:
            answered = self._end_turn(group, broken=broken)
            for wish in answered:
                wish.answered = True
                wish.woken.release()

    def _gather(self) -> list[Wish]:
        """Take those who came; if more came the last time, give them a moment to come again.

        Threads that were answered together are back together a little later. Without the wait
        the first of them would commit alone, and the disk would be asked twice as often.
        """
        with self._guard:
            if len(self._gathered) < self._expected:
                patience_s = self._expected * PATIENCE_S
                self._complete.wait_for(lambda: len(self._gathered) >= self._expected, patience_s)
            self._expected = min(len(self._gathered), GROUP_MAX)
            return [self._gathered.popleft() for _ in range(self._expected)]

    def _end_turn(self, group: list[Wish], *, broken: bool) -> list[Wish]:
        """Pass the turn on and give all who have an answer now; if broken, nobody goes on."""
        with self._guard:
            if broken:
                self.failed.set()
                group = [*group, *self._gathered]
                self._gathered.clear()
            self._taken = bool(self._gathered)
            if self._taken:
                self._gathered[0].woken.release()
        if broken:
            for wish in group:
                wish.failure = wish.failure or StoreFailedError("nothing of this was saved")
        return group


class _JobFailedError(Exception):
    """One of a group raised: all of it is taken back, to be run again one by one."""


def commit_group(db: Database, group: list[Wish]) -> None:
    """Run jobs in one transaction and answer each: a job that fails takes only itself back."""
    try:
        try:
            _commit_all(db, group)
        except _JobFailedError:
            with writing(db):
                for wish in group:
                    _attempt(db, wish)
    except sqlite3.Error as error:
        for wish in group:
            wish.failure = _translated(error)


def _commit_all(db: Database, group: list[Wish]) -> None:
    with writing(db):
        for wish in group:
            try:
                wish.result = wish.job(db)
            except sqlite3.Error:
                raise  # the disk or the schema: the whole group must know
            except Exception as error:
                raise _JobFailedError from error


def _attempt(db: Database, wish: Wish) -> None:
    execute = db.conn.execute
    execute("SAVEPOINT job")
    try:
        wish.result = wish.job(db)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  it is the answer to the one who asked
        execute("ROLLBACK TO job")
        wish.failure = error
    execute("RELEASE job")


def _translated(error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return StoreFullError("the disk is full")
    return StoreFailedError(f"the disk failed: {getattr(error, 'sqlite_errorname', error)}")
