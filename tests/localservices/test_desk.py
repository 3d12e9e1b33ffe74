"""What one request may touch, and what it may not."""

import os
from pathlib import Path

import pytest

from localservices.desk import Desk
from sync.store.errors import LockedError
from sync.store.keys import Role
from sync.store.working import Working
from tests.builders import NOON_MS, Surroundings, a_store


def a_desk(folder: Path, role: Role) -> Desk:
    store = a_store(folder, Surroundings())
    working = Working(None, store, [])
    return Desk(store, working, "Olena", lambda: NOON_MS, lambda: os.urandom(16), role)


def test_nobody_reads_while_the_working_set_is_locked(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, Role.STAFF)
    assert not desk.can_read
    with pytest.raises(LockedError), desk.reading():
        pass


def test_staff_read_while_the_working_set_is_open(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, Role.STAFF)
    desk.working.open(bytes(32))
    assert desk.can_read
    with desk.reading() as db:
        assert db.conn.execute("SELECT 1").fetchone() == (1,)


def test_intake_reads_nothing_though_a_colleague_has_opened_it(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, Role.INTAKE)
    desk.working.open(bytes(32))
    assert not desk.can_read
    with pytest.raises(LockedError), desk.reading():
        pass
