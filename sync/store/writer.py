"""One writer for the outbox: concurrent writes share a commit, each with its own answer."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar, cast

from sqlite_utils import Database

from sync.store.database import writing
from sync.store.errors import StoreError, StoreFailedError, StoreFullError

T = TypeVar("T")
Job = Callable[[Database], Any]
Pair = tuple[Job, "Future[Any]"]

GROUP_MAX = 256  # jobs in one commit; bounds what one failure refuses at once


class Writer(Protocol):
    """Runs a job in a transaction that is on disk before its result is given."""

    def run(self, job: Callable[[Database], T]) -> T:
        """Raises what the job raises, StoreFullError, or StoreFailedError; then nothing lasts."""

    def close(self) -> None: ...


class DirectWriter:
    """Commits in the caller's thread, one job a time: for the simulator, tools and tests."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def run(self, job: Callable[[Database], T]) -> T:
        future: Future[Any] = Future()
        commit_group(self._db, [(job, future)])
        return cast(T, future.result())

    def close(self) -> None:
        self._db.close()


class GroupWriter:
    """A thread that commits whatever has gathered while it committed the group before.

    Attributes:
        failed: set once the disk has failed; every later job is refused, for after a failed
            fsync later commits merely look successful.
    """

    def __init__(self, db: Database) -> None:
        self.failed = threading.Event()
        self._db = db
        self._jobs: SimpleQueue[Pair | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[Database], T]) -> T:
        if self.failed.is_set():
            raise StoreFailedError("the disk has failed; the node must be started again")
        if self._closed:
            raise StoreFailedError("the store is closed")
        future: Future[Any] = Future()
        self._jobs.put((job, future))
        return cast(T, future.result())

    def close(self) -> None:
        """Commit what is waiting, then close the file."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (group := self._gather()) is not None:
            commit_group(self._db, group)
            failures = (future.exception() for _, future in group)
            if any(isinstance(failure, StoreFailedError) for failure in failures):
                self.failed.set()
                break
        self._refuse_the_rest()
        self._db.close()

    def _gather(self) -> list[Pair] | None:
        first = self._jobs.get()
        if first is None:
            return None
        group = [first]
        while len(group) < GROUP_MAX:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            group.append(job)
        return group

    def _refuse_the_rest(self) -> None:
        while True:
            try:
                pair = self._jobs.get_nowait()
            except Empty:
                return
            if pair is not None:
                pair[1].set_exception(StoreFailedError("the store is closed"))


def commit_group(db: Database, group: list[Pair]) -> None:
    """Run jobs in one transaction and answer each: a job that fails takes only itself back."""
    answers: list[tuple[Future[Any], Any, BaseException | None]] = []
    try:
        with writing(db):
            for job, future in group:
                answers.append((future, *_attempt(db, job)))
    except (sqlite3.Error, StoreError) as error:
        for _, future in group:
            future.set_exception(_translated(error))
        return
    for future, result, failure in answers:
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _attempt(db: Database, job: Job) -> tuple[Any, BaseException | None]:
    execute = db.conn.execute
    execute("SAVEPOINT job")
    try:
        result = job(db)
    except sqlite3.Error:
        raise  # the disk or the schema: the whole group must know
    except Exception as error:  # noqa: BLE001  it is the answer to the one who asked
        execute("ROLLBACK TO job")
        execute("RELEASE job")
        return None, error
    execute("RELEASE job")
    return result, None


def _translated(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return StoreFullError("the disk is full")
    return StoreFailedError(f"the disk failed: {getattr(error, 'sqlite_errorname', error)}")
