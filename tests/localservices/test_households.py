"""The households in the working set: a projection that can be built again, and forgets."""

import os
from pathlib import Path

from localservices.registration import households
from localservices.registration.households import fold
from localservices.registration.projection import projection
from sync.store.working import Working
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from tests.builders import NODE_ID, Surroundings, a_household, a_store

EVERYTHING = a_household(
    members=(
        Member("Шевченко", "Марія", "Іванівна", "f", None, None, "3184710691", "КА 123456"),
        Member("Шевченко", "Тарас", relation="child"),
    ),
    phone="+380501234567",
    needs=("disability", "large_family"),
    note="два\nрядки",
)


def kept(working: Working) -> list[HouseholdRegistered]:
    with working.reading() as db:
        return [known.household for known in households.newest(db, 100, 0)]


def test_what_was_written_is_read_back_whole(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    working = Working(None, store, [projection])
    working.open(bytes(32))
    store.write(EVERYTHING)
    store.write(a_household())
    assert kept(working) == [a_household(), EVERYTHING]


def test_a_working_set_that_is_lost_is_built_again_the_same(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    path, key = tmp_path / "working.db", os.urandom(32)
    working = Working(path, store, [projection])
    working.open(key)
    for household in (EVERYTHING, a_household(), a_household(origin="Бахмут")):
        store.write(household)
    before = kept(working)
    path.write_bytes(b"spoiled" * 1000)
    again = Working(path, store, [projection])
    again.open(key)
    assert kept(again) == before


def test_what_the_outbox_has_purged_is_forgotten_with_its_members(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    working = Working(None, store, [projection])
    working.open(bytes(32))
    for household in (EVERYTHING, a_household(), a_household(origin="Бахмут")):
        store.write(household)
    assert len(kept(working)) == 3
    working.forget({Stream(store.epoch, Lane.PEOPLE): 2})
    assert kept(working) == [a_household(origin="Бахмут")]
    with working.reading() as db:
        assert db.conn.execute("SELECT count(*) FROM members").fetchone() == (1,)


def test_a_household_is_found_by_the_id_that_its_receipt_gave(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    working = Working(None, store, [projection])
    working.open(bytes(32))
    receipt = store.write(EVERYTHING)
    with working.reading() as db:
        known = households.by_public_id(db, receipt.public_id)
        assert households.by_public_id(db, f"{NODE_ID}-000000-1-1") is None
    assert known is not None
    assert (known.household, known.stream, known.seq) == (EVERYTHING, receipt.stream, 1)


def test_search_sees_no_difference_that_a_person_would_not_see() -> None:
    assert fold("КА 123456") == fold("KA 123456") == fold("ka 123456")  # Cyrillic, Latin
    assert fold("Мар’яна") == fold("Мар'яна") == fold("МАР`ЯНА")
    assert fold("Нечуй-Левицький") == fold("нечуйлевицький")
