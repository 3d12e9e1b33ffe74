"""What central called backed up comes back, and the rest comes from the nodes."""

from dataclasses import replace
from pathlib import Path

import pytest

from central import backup
from central.backup import Backup
from central.dictionary import DictionaryFolder
from central.errors import BackupError
from central.ops import queries
from sync.sim.machines import Keys, new_keys
from sync.wire import messages
from sync.wire.messages import Ack
from sync.wire.sign import verified
from tests.central.building import NODE, Talker, a_log, an_intake
from tests.central.test_projections import a_household

KEYS = new_keys(1)
NONE_TRAINED = DictionaryFolder(Path("no folder"))


def test_a_lost_central_loses_nothing(tmp_path: Path) -> None:
    database, log = a_log(tmp_path)
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    keeper = Backup(tmp_path / "backup", log, NONE_TRAINED)
    talker.write(*(a_household(number) for number in range(5)))
    talker.talk(intake)
    for ack in backup.acks_of(keeper.run_once(), 2_000):
        talker.hear(intake.seal_ack(ack))
    assert talker.backed_up == 5
    talker.node.store.purge(1 << 60)  # what is backed up, the node may drop
    talker.write(*(a_household(number) for number in range(5, 9)))
    talker.talk(intake)
    database.close()

    database, log = a_log(tmp_path, "restored")
    intake = an_intake(log, KEYS)
    assert backup.restore(tmp_path / "backup", log, intake, NONE_TRAINED) > 0
    assert queries.household_count(database) == 5
    ask = Ack(NODE, 3_000, None, (), wants_hello=True)
    talker.hear(intake.seal_ack(ask))
    talker.talk(intake)
    assert queries.household_count(database) == 9
    assert talker.waiting == 0
    database.close()


def test_a_central_that_lost_its_backup_too_says_what_is_lost_and_goes_on(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    talker.write(*(a_household(number) for number in range(5)))
    talker.talk(intake)
    for ack in backup.acks_of(Backup(tmp_path / "backup", log, NONE_TRAINED).run_once(), 2_000):
        talker.hear(intake.seal_ack(ack))
    talker.node.store.purge(1 << 60)
    talker.write(a_household(6))

    database, log = a_log(tmp_path, "empty")
    intake = an_intake(log, KEYS)
    talker.hear(intake.seal_ack(Ack(NODE, 3_000, None, (), wants_hello=True)))
    talker.talk(intake)
    assert talker.waiting == 0
    assert queries.household_count(database) == 1
    [node] = queries.overview(database, frozenset(), 4_000).nodes
    assert node.alerts == {"hole": 1}

    Backup(tmp_path / "second", log, NONE_TRAINED).run_once()
    again, restored = a_log(tmp_path, "again")  # and what it knows of the loss is in its backup
    backup.restore(tmp_path / "second", restored, an_intake(restored, KEYS), NONE_TRAINED)
    [node] = queries.overview(again, frozenset(), 4_000).nodes
    assert node.alerts == {"hole": 1}
    assert restored.book(NODE).held == log.book(NODE).held


def test_nothing_is_called_backed_up_before_its_file_is_there(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    talker = Talker(KEYS)
    keeper = Backup(tmp_path / "backup", log, NONE_TRAINED)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    folder = tmp_path / "backup"
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="cannot be written"):
        keeper.run_once()
    (tmp_path / "elsewhere").rename(folder)
    [(_, book)] = keeper.run_once().items()
    assert sum(book.backed_up.values()) == 1
    assert keeper.run_once() == {}


def test_a_new_folder_gets_everything(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    talker = Talker(KEYS)
    talker.write(*(a_household(number) for number in range(3)))
    talker.talk(an_intake(log, KEYS))
    Backup(tmp_path / "first", log, NONE_TRAINED).run_once()
    Backup(tmp_path / "second", log, NONE_TRAINED).run_once()
    _, restored = a_log(tmp_path, "restored")
    count = backup.restore(tmp_path / "second", restored, an_intake(restored, KEYS), NONE_TRAINED)
    assert count >= 2  # the epoch's link and at least one batch


def test_a_restored_log_is_whole_in_its_folder(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    Backup(tmp_path / "backup", log, NONE_TRAINED).run_once()
    _, restored = a_log(tmp_path, "restored")
    backup.restore(tmp_path / "backup", restored, an_intake(restored, KEYS), NONE_TRAINED)
    assert Backup(tmp_path / "backup", restored, NONE_TRAINED).run_once() == {}
    with restored.group(4_000) as shelf:
        assert sum(shelf.book(NODE).backed_up.values()) == 1


def test_an_ack_of_a_backup_is_one_that_a_node_can_read(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    intake, talker = an_intake(log, KEYS), Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(intake)
    [ack] = backup.acks_of(Backup(tmp_path / "backup", log, NONE_TRAINED).run_once(), 2_000)
    data = verified(intake.seal_ack(ack), KEYS.central.public_key())
    assert messages.decode(data) == ack


def test_a_restored_record_has_the_time_of_its_first_arrival(tmp_path: Path) -> None:
    database, log = a_log(tmp_path)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS), now_ms=60_000)
    Backup(tmp_path / "backup", log, NONE_TRAINED).run_once()
    again, restored = a_log(tmp_path, "restored")
    backup.restore(tmp_path / "backup", restored, an_intake(restored, KEYS), NONE_TRAINED)
    before, after = (queries.overview(one, frozenset(), 90_000) for one in (database, again))
    assert after.per_minute == before.per_minute
    assert after.nodes[0].last_seen_ms == 60_000


@pytest.mark.parametrize("other", ["opening key", "fleet list"])
def test_a_restore_that_lacks_the_keys_says_whose_records_are_missing(
    tmp_path: Path, other: str
) -> None:
    _, log = a_log(tmp_path)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    Backup(tmp_path / "backup", log, NONE_TRAINED).run_once()
    known = {} if other == "fleet list" else KEYS.nodes
    keys = Keys(known, KEYS.central) if other == "opening key" else replace(KEYS, nodes=known)
    _, restored = a_log(tmp_path, "restored")
    with pytest.raises(BackupError, match=f"Not all records of {NODE} were taken back"):
        backup.restore(tmp_path / "backup", restored, an_intake(restored, keys), NONE_TRAINED)


@pytest.mark.parametrize("content", [b"", b"\xff", b"\x81\x01", b"\x80\x80"])
def test_a_spoiled_file_is_named(tmp_path: Path, content: bytes) -> None:
    _, log = a_log(tmp_path)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "0000000001.kept").write_bytes(content)
    with pytest.raises(BackupError, match=r"0000000001\.kept cannot be read back"):
        backup.restore(tmp_path / "backup", log, an_intake(log, KEYS), NONE_TRAINED)


def test_an_empty_folder_is_no_backup(tmp_path: Path) -> None:
    _, log = a_log(tmp_path)
    with pytest.raises(BackupError, match="holds no backup"):
        backup.restore(tmp_path, log, an_intake(log, KEYS), NONE_TRAINED)
