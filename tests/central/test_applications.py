"""Applications at central: each once, by record or by receipt, whichever comes first."""

import hashlib
from dataclasses import replace

from central.store import applications, projections
from central.store.applications import Claim
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire import cbor
from sync.wire.kinds.application import ApplicationFiled, ApplicationFiledAsWork
from sync.wire.records import to_body
from tests.central.building import Talker, an_intake

KEYS = new_keys(1)
FILED = ApplicationFiled("cash-assistance", bytes(32), "uuid:1", b"<data/>", "Олена")


def arrive(database: Database, *filed: ApplicationFiled) -> list[str]:
    talker = Talker(KEYS)
    talker.write(*filed)
    talker.talk(an_intake(SqlLog(database), KEYS))
    with database.reading() as connection:
        return [one.public_id for one in applications.newest(connection)]


def a_claim(number: str, filed: ApplicationFiled = FILED) -> Claim:
    sha256 = hashlib.sha256(cbor.encode(to_body(filed))).digest()
    return Claim(number, sha256, filed.service, "Допомога", "", "2026-11-24 10:00 UTC", "NZ1:")


def test_a_receipt_re_creates_a_claim_whose_record_never_came(database: Database) -> None:
    with database.writing() as connection:
        assert applications.claim(connection, a_claim("node-1-0a1b2c-1-1"), 5)
        assert not applications.claim(connection, a_claim("node-1-0a1b2c-1-1"), 6)
        [known] = applications.newest(connection)
    assert (known.is_here, known.is_claimed, known.is_other) == (False, True, False)
    assert known.filed == "2026-11-24 10:00 UTC"


def test_the_record_that_comes_later_joins_its_claim(database: Database) -> None:
    [number] = arrive(database, FILED)
    with database.writing() as connection:
        applications.claim(connection, a_claim(number), 5)
        [known] = applications.newest(connection)
    assert (known.is_here, known.is_claimed, known.is_other) == (True, True, False)


def test_a_receipt_for_another_record_under_the_same_number_is_told(database: Database) -> None:
    [number] = arrive(database, FILED)
    other = replace(FILED, submission=b"<data>9</data>")
    with database.writing() as connection:
        applications.claim(connection, a_claim(number, other), 5)
        [known] = applications.newest(connection)
    assert known.is_other


def test_a_rebuild_gives_the_same_and_keeps_claims(database: Database) -> None:
    work = ApplicationFiledAsWork("bond-pledge", bytes(32), "uuid:2", b"<data/>", "Олена")
    arrive(database, FILED, work)
    with database.writing() as connection:
        applications.claim(connection, a_claim("node-9-0a1b2c-1-1"), 5)
        before = applications.newest(connection)
        projections.rebuild(connection)
        assert applications.newest(connection) == before
        assert len(before) == 3
        assert [one.service for one in applications.newest(connection, "bond-pledge")] == [
            "bond-pledge"
        ]
