"""What a node or central revokes is published once, and survives a rebuild."""

from datetime import UTC, datetime
from pathlib import Path

from central.catalogue.revoker import LOOK_EVERY_MS, Revoker
from central.store import revoked
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire import revocations
from sync.wire.kinds.edocument import EDocumentRevoked
from tests.catalogues import Authority
from tests.central.building import Talker, an_intake

KEYS = new_keys(1)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = "node-7-0a1b2c-2-5"


def numbers(database: Database) -> list[str]:
    with database.reading() as connection:
        return revoked.numbers(connection)


def test_what_a_node_revokes_is_revoked_and_nonsense_revokes_nothing(database: Database) -> None:
    log = SqlLog(database)
    talker = Talker(KEYS)
    talker.write(
        EDocumentRevoked(NUMBER, "lost", "Олена"), EDocumentRevoked("nonsense", "", "Олена")
    )
    talker.talk(an_intake(log, KEYS))
    assert numbers(database) == [NUMBER]
    with database.writing() as connection:
        revoked.revoke(connection, "node-7-0a1b2c-2-6", 1, by_central=True)
    log.rebuild()
    assert numbers(database) == [NUMBER, "node-7-0a1b2c-2-6"]


def test_it_is_published_when_it_has_changed_and_not_again(
    database: Database, tmp_path: Path
) -> None:
    now_ms, authority = [0], Authority(tmp_path, now=NOW)
    publisher = authority.publisher
    revoker = Revoker(database, publisher, lambda: NOW, lambda: now_ms[0])
    revoker.look()
    first = publisher.in_force("status", NOW)[revocations.TARGET]
    with database.writing() as connection:
        revoked.revoke(connection, NUMBER, 1, by_central=True)
    now_ms[0] += LOOK_EVERY_MS
    revoker.look()
    second = publisher.in_force("status", NOW)[revocations.TARGET]
    assert first is not None
    assert first != second
    before = sorted(tmp_path.rglob("*"))
    Revoker(database, publisher, lambda: NOW, lambda: 0).look()  # central was started again
    assert sorted(tmp_path.rglob("*")) == before
