"""Real databases that fill up or go away while nodes write: acks stop, and nothing is lost."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event

from central.errors import LogAwayError
from central.ingest import Ingest
from central.ops import queries
from central.store.database import Database
from central.store.log import SqlLog
from sync.core.backoff import Backoff
from sync.sim.machines import new_keys
from sync.transport.trunk import FromNode
from tests import postgres
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_ingest import Post
from tests.central.test_projections import a_household

KEYS = new_keys(1)


@contextmanager
def ingesting(log: SqlLog, post: Post) -> Iterator[Ingest]:
    backoff = Backoff(random.Random(1).random, floor_ms=1, ceiling_ms=20)
    ingest = Ingest(an_intake(log, KEYS), log, post.send, backoff, lambda: 5_000)
    ingest.start()
    yield ingest
    ingest.stop()


def deliver(talker: Talker, ingest: Ingest, post: Post) -> None:
    """Until nothing waits on the node."""
    while talker.waiting:
        heard = len(post.acks)
        for data in talker.messages():
            ingest.put(FromNode(NODE, data))
        for ack in post.wait_for(heard + 1)[heard:]:
            talker.hear(ack)


def limit_pages(database: Database, pages: int) -> None:
    """Let SQLite say that the disk is full when it wants more pages than these."""
    database.close()

    def limit(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()  # type: ignore[attr-defined]

    event.listen(database._engine, "connect", limit)


def test_on_a_full_disk_acks_stop_and_with_room_again_all_is_taken(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'central.db'}")
    database.migrate()
    log, post, talker = SqlLog(database), Post(), Talker(KEYS)
    pages = (tmp_path / "central.db").stat().st_size // 4096
    limit_pages(database, pages + 2)
    talker.write(*(a_household(number) for number in range(200)))
    with ingesting(log, post) as ingest:
        messages = talker.messages()
        for data in messages:
            ingest.put(FromNode(NODE, data))
        with pytest.raises(LogAwayError, match="disk under the database is full"):
            an_intake(log, KEYS).take([(NODE, data) for data in messages], 5_000)
        assert post.acks == []
        limit_pages(database, 1 << 30)
        talker.hear(post.wait_for(1)[0])
        deliver(talker, ingest, post)
        assert ingest.trouble is None
    assert queries.household_count(database) == 200
    database.close()


@contextmanager
def closed_to_all(server: str, name: str) -> Iterator[None]:
    """End every connection to a database and let nobody in."""
    url = server.replace("+psycopg", "") + "/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_while_postgresql_is_away_acks_stop_and_then_all_is_taken(server: str) -> None:
    database = Database(postgres.new_database(server, "away"))
    database.migrate()
    log, post, talker = SqlLog(database), Post(), Talker(KEYS)
    with ingesting(log, post) as ingest:
        talker.write(a_household(1))
        deliver(talker, ingest, post)
        before = len(post.acks)
        with closed_to_all(server, "away"):
            talker.write(*(a_household(number) for number in range(2, 9)))
            for data in talker.messages():
                ingest.put(FromNode(NODE, data))
            with pytest.raises(LogAwayError, match="out of reach"):
                log.book(NODE)
            assert len(post.acks) == before
        talker.hear(post.wait_for(before + 1)[-1])
        deliver(talker, ingest, post)
    assert queries.household_count(database) == 8
    database.close()


def test_postgresql_is_never_let_answer_before_its_disk(server: str) -> None:
    url = postgres.new_database(server, "hasty")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER DATABASE hasty SET synchronous_commit = off")
    database = Database(url)
    with database.reading() as found:
        assert found.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    database.close()


def test_sqlite_answers_only_when_its_log_is_on_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'central.db'}")
    with database.writing() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert told == ["wal", 2, 1]
    database.close()
