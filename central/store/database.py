"""Opening central's database, SQLite or PostgreSQL, and telling its errors apart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import InterfaceError as AlchemyInterfaceError
from sqlalchemy.exc import OperationalError as AlchemyOperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from central.errors import LogAwayError, LogBrokenError, LogError, LogRefusedError
from central.store import projections

BUSY_TIMEOUT_S = 5  # another writer of the file holds it no longer than one group
CONNECT_TIMEOUT_S = 5
# A server behind a cut cable is noticed within seconds, not after the kernel's quarter of an hour
# (postgresql.org/docs/15/libpq-connect.html).
_NOTICE_CUTS = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x4E5A4C  # any number that nobody else locks in this database


class Database:
    """Connections to one database. Readers never wait for the writer, nor it for them."""

    def __init__(self, url: str, password: str | None = None) -> None:
        """Connect to nothing yet.

        Raises:
            LogAwayError: not a URL of a database that central can use.
        """
        try:
            target = make_url(url)
            if password is not None:
                target = target.set(password=password)
            self._engine = _engine(target.drivername, target)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise LogAwayError(
                "The database URL is not one that central can use: it begins with sqlite:/// or"
                " postgresql+psycopg://."
            ) from error
        self._writer = self._engine.execution_options(nezlam_writes=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start.

        Raises:
            LogError: of the kind that says whether to try again.
        """
        with _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the database that does not change while it is read. Raises LogError."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    def migrate(self, version: str = "head") -> None:
        """Bring the database to today's tables, or an older version's, in one transaction.

        Projections are derived anew for tables that changed: steps move only the log.

        Raises:
            LogError: out of reach, or made by a newer Nezlam.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self.writing() as connection:
            before = _version(connection)
            if connection.dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(lock, {"key": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, version)
            except CommandError as error:
                raise LogRefusedError(
                    "The database was made by a newer Nezlam: install that version."
                ) from error
            if version == "head" and before not in (None, _version(connection)):
                projections.rebuild(connection)

    def close(self) -> None:
        self._engine.dispose()


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _engine(driver: str, url: Any) -> Engine:
    if driver.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if driver == "postgresql+psycopg":
        # A server may be set to answer before a commit is on its disk; an ack may not.
        options = f"{url.query.get('options', '')} -c synchronous_commit=on".strip()
        settings = {"connect_timeout": CONNECT_TIMEOUT_S, "options": options, **_NOTICE_CUTS}
        return create_engine(url, connect_args=settings, pool_pre_ping=True)
    raise ArgumentError(f"driver {driver}")


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # SQLAlchemy begins by itself (its documented way): Python's sqlite3 would begin late.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits in a power cut
    # (sqlite.org/pragma.html#pragma_synchronous), and they were acked.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and asks for the lock later can be refused in its middle.
    writes = connection.get_execution_options().get("nezlam_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _named(error) from error
    except OverflowError as error:
        raise LogRefusedError("a number is larger than the database holds") from error


def _named(error: SQLAlchemyError) -> LogError:
    """Say which of our errors this is; the database's own words may hold people's data."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LogBrokenError(
            f"The database file cannot be trusted ({cause}): check the disk, then start again."
        )
    if code == sqlite3.SQLITE_FULL:
        return LogAwayError("The disk under the database is full: make room.")
    if isinstance(error, AlchemyOperationalError | AlchemyInterfaceError | PoolTimeoutError):
        return LogAwayError(f"The database is out of reach: {_first_line(cause or error)}.")
    name = type(cause or error).__name__
    return LogRefusedError(f"The database refused what was to be written ({name}).")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
