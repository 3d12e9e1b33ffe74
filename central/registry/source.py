"""The list that a registry is built from: a CSV file or a database's answer, row by row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from central.errors import RegistryError
from sync.wire.registry import form

COLUMNS = ("type", "number", "born_on", "status")
STATUSES = {
    "valid": form.STANDS,
    "suspended": form.SUSPENDED,
    "revoked": form.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Document:
    """One row."""

    document_type: str
    number: str
    born_on: date
    status: int


def of_csv(path: Path) -> Iterator[Document]:
    """UTF-8, its first line the names of the columns. Raises RegistryError with the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise RegistryError(
                    f"{path.name} lacks the column {missing[0]!r} in its first line."
                )
            for row in rows:
                yield _document(tuple(row[name] for name in COLUMNS), f"line {rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RegistryError(f"{path} cannot be read: {error}.") from error


def of_database(url: str, query: str) -> Iterator[Document]:
    """What a query gives, its columns named as those of a file. Raises RegistryError.

    A password in the URL is refused: any user of the machine could read it among the processes.
    """
    try:
        where = sqlalchemy.make_url(url)
        if where.password is not None:
            raise RegistryError(
                "Leave the password out of the database's URL, where others can read it:"
                " put it into ~/.pgpass (or PGPASSFILE) for PostgreSQL."
            )
        engine = sqlalchemy.create_engine(where)
        with engine.connect() as connection:
            asked = connection.execution_options(stream_results=True, yield_per=10_000)
            for number, row in enumerate(asked.execute(sqlalchemy.text(query)).mappings(), start=1):
                yield _document(tuple(row[name] for name in COLUMNS), f"row {number}")
    except (SQLAlchemyError, KeyError) as error:
        raise RegistryError(f"The query does not serve: {error}.") from error


def _document(row: tuple[object, ...], where: str) -> Document:
    kind, number, born, status = (value if isinstance(value, date) else str(value) for value in row)
    if isinstance(born, datetime):
        born = born.date()
    try:
        born_on = born if isinstance(born, date) else date.fromisoformat(born)
        return Document(str(kind), str(number), born_on, STATUSES[str(status)])
    except ValueError as error:
        raise RegistryError(f"{where}: {born!r} is not a day as 1987-06-21.") from error
    except KeyError as error:
        known = ", ".join(STATUSES)
        raise RegistryError(f"{where}: {status!r} is no status: one of {known}.") from error
