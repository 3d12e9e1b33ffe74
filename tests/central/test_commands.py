"""The shell's way to central: how it is, and putting a backup back."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central import claim
from central.backup import Backup
from central.commands import central
from central.dictionary import DictionaryFolder
from sync.sim.machines import new_keys
from sync.wire import keys
from tests.central.building import NODE, Talker, a_log, an_intake
from tests.central.test_projections import a_household

KEYS = new_keys(1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a central with keys and a data folder."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    publics = {node_id: key.public_key() for node_id, key in KEYS.nodes.items()}
    (folder / "signing.key").write_text(keys.signing_key_text(KEYS.central))
    (folder / "opening.key").write_text(keys.opening_key_text(KEYS.opening))
    (folder / "fleet.json").write_text(keys.fleet_text(publics))
    path = tmp_path / "central.toml"
    path.write_text('data = "data"\nkeys = "keys"\n')
    return path


@pytest.fixture
def backed_up(tmp_path: Path) -> Path:
    """A folder that holds a backup of two households."""
    database, log = a_log(tmp_path, "lost")
    talker = Talker(KEYS)
    talker.write(a_household(1), a_household(2))
    talker.talk(an_intake(log, KEYS))
    Backup(tmp_path / "backup", log, DictionaryFolder(tmp_path / "none")).run_once()
    database.close()
    return tmp_path / "backup"


def call(config: Path, *words: str) -> Result:
    return CliRunner().invoke(central, [words[0], "--config", str(config), *words[1:]])


def test_a_backup_is_put_back_and_status_counts_it(config: Path, backed_up: Path) -> None:
    restored = call(config, "restore", "--from", str(backed_up))
    assert (restored.exit_code, "messages were put back" in restored.output) == (0, True)
    told = call(config, "status", "--json")
    assert json.loads(told.output) == {"running": False, "households": 2, "nodes": {NODE: 2}}
    assert told.exit_code == 1


def test_a_backup_is_not_put_over_records(config: Path, backed_up: Path) -> None:
    call(config, "restore", "--from", str(backed_up))
    again = call(config, "restore", "--from", str(backed_up))
    assert (again.exit_code, "restore into an empty one" in again.output) == (1, True)


def test_a_backup_is_not_put_under_a_central_that_runs(config: Path, backed_up: Path) -> None:
    with claim.held(config.parent / "data"):
        restored = call(config, "restore", "--from", str(backed_up))
    assert (restored.exit_code, "already runs" in restored.output) == (1, True)


def test_what_is_shown_is_derived_from_the_log_by_a_command(config: Path, backed_up: Path) -> None:
    call(config, "restore", "--from", str(backed_up))
    with closing(sqlite3.connect(config.parent / "data" / "central.db")) as db:
        db.execute("DELETE FROM persons")
        db.execute("DELETE FROM households")
        db.commit()
    rebuilt = call(config, "rebuild")
    assert (rebuilt.exit_code, rebuilt.output) == (0, "2 records were read again.\n")
    assert json.loads(call(config, "status", "--json").output)["households"] == 2


def test_a_killed_central_is_not_said_to_run(config: Path, backed_up: Path) -> None:
    call(config, "restore", "--from", str(backed_up))
    told = {"ops": "http://127.0.0.1:9/", "pid": os.getpid()}
    (config.parent / "data" / "ready.json").write_text(json.dumps(told))
    assert json.loads(call(config, "status", "--json").output)["running"] is False


def test_a_look_makes_no_files(config: Path) -> None:
    told = call(config, "status")
    assert (told.exit_code, "has not run yet" in told.output) == (1, True)
    assert list((config.parent / "data").iterdir()) == []
