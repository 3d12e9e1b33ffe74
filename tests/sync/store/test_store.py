"""The store keeps what it took, sealed, and says how far each record has come."""

import os
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from sync.store import streams
from sync.store.database import open_database
from sync.store.errors import LockedError, StoreFullError, WrongPassphraseError
from sync.store.keys import Role
from sync.store.shape import prepare
from sync.store.writer import DirectWriter
from sync.wire.errors import SealError
from sync.wire.messages import segment_info
from sync.wire.seal import SegmentKey
from tests.sync.store.node import CENTRAL, NAME, NODE, PASSPHRASE, Node, a_household


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(tmp_path)
    node.accounts.create_first(NAME, PASSPHRASE)
    return node


def test_what_was_written_is_on_the_disk_for_everybody_to_see(node: Node, tmp_path: Path) -> None:
    receipt = node.store.write(a_household("Шевченко"))
    other = open_database(tmp_path / "outbox.db")
    assert [track.newest for track in streams.tracks(other)] == [1]
    assert (receipt.seq, receipt.repeated) == (1, False)


def test_a_form_that_is_sent_again_finds_its_record(node: Node) -> None:
    first = node.store.write(a_household("Шевченко"), b"form")
    again = node.store.write(a_household("Інша"), b"form")
    assert (again.public_id, again.repeated) == (first.public_id, True)
    assert node.shown() == ["Шевченко"]


def test_many_writers_at_once_each_get_their_own_answer(node: Node) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: found.append(node.store.write(a_household(f"Н{n}")).seq)
        )
        for n in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 33))
    assert len(node.shown()) == 32


def test_without_room_nothing_is_written_and_with_room_again_it_is(node: Node) -> None:
    node.has_room = False
    with pytest.raises(StoreFullError):
        node.write("Шевченко")
    node.has_room = True
    node.write("Шевченко")
    assert node.shown() == ["Шевченко"]


def test_a_job_that_fails_takes_only_itself_back(node: Node) -> None:
    class OwnError(Exception):
        pass

    def failing(db: Database) -> None:
        db.conn.execute("UPDATE streams SET held = 99")
        raise OwnError

    node.write("Шевченко")
    with pytest.raises(OwnError):
        node.writer.run(failing)
    assert [track.held for track in node.store.tracks()] == [0]


def test_a_locked_node_takes_records_and_shows_them_after_the_unlock(
    node: Node, tmp_path: Path
) -> None:
    node.write("До")
    node.off()
    later = Node(tmp_path)
    later.write("Після")
    with pytest.raises(LockedError):
        later.shown()
    later.accounts.sign_in(NAME, PASSPHRASE)
    assert later.shown() == ["До", "Після"]


def test_a_wrong_passphrase_opens_nothing(node: Node) -> None:
    node.accounts.lock()
    for name, passphrase in ((NAME, "інше речення зовсім"), ("Хтось", PASSPHRASE), ("", "")):
        with pytest.raises(WrongPassphraseError):
            node.accounts.sign_in(name, passphrase)
    assert not node.working.is_open


def test_an_intake_account_signs_in_and_unlocks_nothing(node: Node) -> None:
    node.accounts.create("Волонтер", "п'ять синіх слив", Role.INTAKE)
    node.accounts.lock()
    assert node.accounts.sign_in("Волонтер", "п'ять синіх слив").role is Role.INTAKE
    assert not node.working.is_open


@pytest.mark.parametrize("harm", ["lost", "spoiled"])
def test_a_working_set_that_is_lost_or_spoiled_is_built_anew(
    node: Node, tmp_path: Path, harm: str
) -> None:
    node.write("Шевченко", "Франко")
    before = node.shown()
    node.off()
    file = tmp_path / "working.db"
    file.unlink() if harm == "lost" else file.write_bytes(os.urandom(8192))
    later = Node(tmp_path)
    later.accounts.sign_in(NAME, PASSPHRASE)
    assert later.shown() == before


def test_what_was_typed_lies_nowhere_on_the_disk(node: Node, tmp_path: Path) -> None:
    node.write("Неповторне")
    assert node.shown() == ["Неповторне"]
    node.off()
    for path in tmp_path.iterdir():
        for text in ("Неповторне", NAME, PASSPHRASE):
            for form in (text.encode(), text.encode("utf-16-le")):
                assert form not in path.read_bytes(), path


def test_only_what_is_backed_up_is_ever_dropped(node: Node) -> None:
    node.write("Шевченко")
    node.hear(backed_up=False)
    assert node.store.purge(9_000) == {}
    assert node.shown() == ["Шевченко"]
    node.hear()
    floors = node.store.purge(9_000)
    assert list(floors.values()) == [1]
    node.working.forget(floors)
    assert node.shown() == []
    assert node.store.holdings() == ()


def test_what_is_young_stays_though_it_is_backed_up(node: Node) -> None:
    node.write("Шевченко")
    node.hear()
    assert node.store.purge(500) == {}


def test_each_start_follows_the_end_of_the_one_before(node: Node, tmp_path: Path) -> None:
    node.write("Шевченко", "Франко")
    [(stream, end)] = [(h.stream, h.newest) for h in node.store.holdings()]
    node.off()
    later = Node(tmp_path)
    assert later.store.epoch != stream.epoch
    assert later.store.link.follows == ((stream, end),)
    later.write("Українка")
    assert [track.newest for track in later.store.tracks()] == [2, 1]


def test_central_opens_every_key_that_a_node_seals_to_it(node: Node) -> None:
    link = node.store.link
    secret = CENTRAL.open(link.sealed_key, segment_info(NODE, link.epoch))
    assert SegmentKey(secret).secret == node.store.segments.current.secret


def test_a_row_that_was_altered_on_the_disk_is_noticed(node: Node) -> None:
    node.write("Шевченко")
    node.writer.run(lambda db: db.conn.execute("UPDATE outbox SET sealed = zeroblob(40)"))
    [row] = node.store.rows_in_order(0, 10)
    with pytest.raises(SealError):
        node.store.open_row(row)


def test_locking_forgets_the_keys_of_earlier_starts(node: Node, tmp_path: Path) -> None:
    node.write("Шевченко")
    node.off()
    later = Node(tmp_path)
    [row] = later.store.rows_in_order(0, 10)
    assert later.store.open_row(row) is None
    later.accounts.sign_in(NAME, PASSPHRASE)
    assert later.store.open_row(row) is not None
    later.accounts.lock()
    assert later.store.open_row(row) is None


def test_a_folder_made_by_this_release_opens_again_unchanged(node: Node, tmp_path: Path) -> None:
    node.write("Шевченко")
    node.off()
    db = open_database(tmp_path / "outbox.db")
    before = db.schema
    prepare(db)
    assert db.schema == before
    assert DirectWriter(db).run(lambda own: own["outbox"].count) == 1
