"""What leaves the node: only what is backed up and old, from the outbox and from what is shown."""

from pathlib import Path

from edge.retention import HOUR_MS, purge
from localservices.registration.projection import projection
from sync.store.store import Store
from sync.store.streams import Track
from sync.store.working import Working
from tests.builders import NOON_MS, Surroundings, a_household, a_store

KEY = bytes(32)
LATER_MS = NOON_MS + 72 * HOUR_MS


def households_shown(working: Working) -> int:
    with working.reading() as db:
        return int(db["households"].count)


def a_backed_up_household(store: Store) -> None:
    receipt = store.write(a_household())
    store.note_acked([Track(receipt.stream, 0, receipt.seq, receipt.seq, 0)], NOON_MS)


def rooms(folder: Path) -> tuple[Store, Working]:
    store = a_store(folder, Surroundings())
    return store, Working(folder / "working.db", store, [projection])


def test_what_is_old_and_backed_up_is_no_longer_shown(tmp_path: Path) -> None:
    store, working = rooms(tmp_path)
    a_backed_up_household(store)
    working.open(KEY)
    assert households_shown(working) == 1
    purge(store, working, LATER_MS)
    assert households_shown(working) == 0
    store.close()


def test_what_central_only_holds_stays(tmp_path: Path) -> None:
    store, working = rooms(tmp_path)
    receipt = store.write(a_household())
    store.note_acked([Track(receipt.stream, 0, receipt.seq, 0, 0)], NOON_MS)
    working.open(KEY)
    purge(store, working, LATER_MS)
    assert households_shown(working) == 1
    store.close()


def test_what_was_purged_behind_a_lock_is_forgotten_after_it(tmp_path: Path) -> None:
    store, working = rooms(tmp_path)
    a_backed_up_household(store)
    working.open(KEY)
    assert households_shown(working) == 1
    working.lock()
    purge(store, working, LATER_MS)
    working.open(KEY)
    purge(store, working, LATER_MS)
    assert households_shown(working) == 0
    store.close()
