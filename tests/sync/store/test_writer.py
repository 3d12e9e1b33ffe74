"""The one writer: what is answered lies on the disk, and each gets its own answer."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from sync.store.database import open_database
from sync.store.errors import StoreFailedError, StoreFullError
from sync.store.writer import DirectWriter, GroupWriter, Writer

TIMEOUT_S = 20


class Interrupted(BaseException):
    """The process is asked to stop."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = open_database(tmp_path / "notes.db")
    db.execute("CREATE TABLE notes (note TEXT NOT NULL UNIQUE) STRICT")
    db.close()
    return tmp_path / "notes.db"


@pytest.fixture(params=[GroupWriter, DirectWriter])
def writer(request: pytest.FixtureRequest, path: Path) -> Iterator[Writer]:
    made: Writer = request.param(open_database(path))
    yield made
    made.close()


@pytest.fixture
def group(path: Path) -> Iterator[GroupWriter]:
    made = GroupWriter(open_database(path))
    yield made
    made.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as threads:
        yield threads


def noting(note: str) -> Callable[[Database], str]:
    def job(db: Database) -> str:
        db.conn.execute("INSERT INTO notes VALUES (?)", (note,))
        return note

    return job


def failing(note: str) -> Callable[[Database], str]:
    def job(db: Database) -> str:
        noting(note)(db)
        raise KeyError(note)

    return job


def notes(path: Path) -> set[str]:
    db = open_database(path)
    found = {str(note) for [note] in db.execute("SELECT note FROM notes")}
    db.close()
    return found


class Gate:
    """A job that stands in its transaction until it is let go."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def job(self, db: Database) -> None:
        del db
        self.entered.set()
        assert self.open.wait(TIMEOUT_S)


def gathered(
    group: GroupWriter, pool: ThreadPoolExecutor, jobs: list[Callable[[Database], Any]]
) -> list[Future[Any]]:
    """Run jobs that all came while another was being committed."""
    gate = Gate()
    first = pool.submit(group.run, gate.job)
    assert gate.entered.wait(TIMEOUT_S)
    rest = [pool.submit(group.run, job) for job in jobs]
    while len(group._gathered) < len(jobs):
        assert not first.done()
        wait(rest, timeout=0.001)
    gate.open.set()
    wait([first, *rest], timeout=TIMEOUT_S)
    return rest


def test_what_is_answered_lies_on_the_disk(writer: Writer, path: Path) -> None:
    assert writer.run(noting("a")) == "a"
    assert notes(path) == {"a"}


def test_a_job_that_fails_leaves_nothing(writer: Writer, path: Path) -> None:
    with pytest.raises(KeyError, match="a"):
        writer.run(failing("a"))
    assert writer.run(noting("b")) == "b"
    assert notes(path) == {"b"}


def test_those_who_come_during_a_commit_share_the_next(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    commits: list[str] = []
    group._db.conn.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    answers = gathered(group, pool, [noting(str(number)) for number in range(20)])
    assert {answer.result() for answer in answers} == notes(path)
    assert len(commits) == 2


def test_of_a_group_only_the_job_that_fails_is_taken_back(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    jobs = [noting("a"), failing("b"), noting("c")]
    answers = gathered(group, pool, jobs)
    assert [type(answer.exception()) for answer in answers] == [type(None), KeyError, type(None)]
    assert notes(path) == {"a", "c"}


def test_many_threads_at_once_lose_nothing(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    wanted = {f"{caller}/{number}" for caller in range(32) for number in range(20)}

    def call(caller: int) -> list[str]:
        return [group.run(noting(f"{caller}/{number}")) for number in range(20)]

    answered = {note for batch in pool.map(call, range(32)) for note in batch}
    assert answered == wanted == notes(path)


def test_a_full_disk_refuses_the_group_and_then_goes_on(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    [[pages]] = group._db.conn.execute("PRAGMA page_count").fetchall()
    group._db.conn.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    answers = gathered(group, pool, [noting("a"), noting("b" * 100_000)])
    assert [type(answer.exception()) for answer in answers] == [StoreFullError, StoreFullError]
    assert group.run(noting("c")) == "c"
    assert notes(path) == {"c"}


def test_after_the_disk_failed_nothing_is_accepted(
    group: GroupWriter, pool: ThreadPoolExecutor
) -> None:
    def broken(_: Database) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    answers = gathered(group, pool, [noting("a"), broken])
    assert [type(answer.exception()) for answer in answers] == [StoreFailedError, StoreFailedError]
    assert group.failed.is_set()
    with pytest.raises(StoreFailedError, match="started again"):
        group.run(noting("b"))


def test_a_write_that_is_interrupted_leaves_nobody_waiting(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    gate = Gate()

    def interrupted(db: Database) -> None:
        noting("a")(db)
        gate.job(db)
        raise Interrupted

    first = pool.submit(group.run, interrupted)
    assert gate.entered.wait(TIMEOUT_S)
    second = pool.submit(group.run, noting("b"))
    while not group._gathered:
        wait([second], timeout=0.001)
    gate.open.set()
    assert isinstance(first.exception(TIMEOUT_S), Interrupted)
    assert isinstance(second.exception(TIMEOUT_S), StoreFailedError)
    assert notes(path) == set()


def test_closing_commits_what_waits_and_refuses_what_comes(
    group: GroupWriter, pool: ThreadPoolExecutor, path: Path
) -> None:
    gate = Gate()
    pool.submit(group.run, gate.job)
    assert gate.entered.wait(TIMEOUT_S)
    second = pool.submit(group.run, noting("a"))
    while not group._gathered:
        wait([second], timeout=0.001)
    closed = pool.submit(group.close)
    while not group._closed:
        wait([closed], timeout=0.001)
    with pytest.raises(StoreFailedError, match="closed"):
        group.run(noting("b"))
    gate.open.set()
    closed.result(TIMEOUT_S)
    assert second.result(TIMEOUT_S) == "a"
    assert notes(path) == {"a"}
