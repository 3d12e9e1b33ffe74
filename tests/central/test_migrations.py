"""A database of any older version is brought to today's tables, and nothing in it is lost."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select, text

from central.errors import LogRefusedError
from central.store import database as databases
from central.store.database import Database
from central.store.log import SqlLog
from central.store.tables import metadata
from sync.sim.machines import new_keys
from sync.sim.records import a_record
from sync.wire.lanes import Lane
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_projections import a_household, shown

KEYS = new_keys(1)
VERSIONS = [step.revision for step in ScriptDirectory(str(databases._MIGRATIONS)).walk_revisions()]


def put_contents(filled: Database, older: Database) -> None:
    """Copy what the tables of the older version have room for."""
    with filled.reading() as source, older.writing() as target:
        there = MetaData()
        there.reflect(target)
        for table in metadata.sorted_tables:
            if table.name in there.tables:
                _copy(table, there.tables[table.name], source, target)


def _copy(table: Table, older: Table, source: Connection, target: Connection) -> None:
    # Numbers that a database gives itself come out the same: the rows come in their order.
    counted = table.autoincrement_column
    columns = [one for one in table.columns if one.name in older.columns and one is not counted]
    found = source.execute(select(*columns).order_by(*table.primary_key))
    rows = [dict(row) for row in found.mappings()]
    if rows:
        target.execute(insert(table), rows)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_database_keeps_all_it_holds(
    version: str, blank: Database, tmp_path: Path
) -> None:
    new = Database(f"sqlite:///{tmp_path / 'new.db'}")
    new.migrate()
    talker = Talker(KEYS)
    talker.write(*(a_household(number) for number in range(5)))
    talker.write(a_record(Lane.WORK, 1))
    talker.talk(an_intake(SqlLog(new), KEYS))

    blank.migrate(version)
    put_contents(new, blank)
    blank.migrate()
    assert shown(blank) == shown(new)
    assert SqlLog(blank).book(NODE) == SqlLog(new).book(NODE)
    talker.write(a_household(6))
    talker.talk(an_intake(SqlLog(blank), KEYS))
    assert talker.waiting == 0


def test_the_steps_make_the_tables_that_the_code_names(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_newer_nezlam_is_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LogRefusedError, match="made by a newer Nezlam"):
        database.migrate()
