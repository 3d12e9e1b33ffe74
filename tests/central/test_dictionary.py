"""Dictionaries are learned from what nodes wrote, and stay as long as a message needs them."""

from pathlib import Path

import pytest

from central import backup
from central.backup import Backup
from central.dictionary import DictionaryFolder, train_from
from central.errors import LogRefusedError
from central.store.database import Database
from central.store.log import SqlLog
from sync.core.intake import Intake
from sync.sim.machines import Keys, new_keys
from sync.wire import messages
from sync.wire.batch import pack
from sync.wire.entries import Entry, Stamp, encode
from sync.wire.lanes import Lane
from sync.wire.layout.dictionary import Dictionary
from sync.wire.messages import Batch, EpochLink, Form, Refused, segment_info
from sync.wire.places import NO_HASH, Stream
from sync.wire.records import to_body
from sync.wire.seal import SegmentKey
from sync.wire.sign import sign, verified
from tests.builders import a_household
from tests.central.building import NODE, Talker, a_log

STREAM = Stream(b"an epoch", Lane.PEOPLE)
SEGMENT = SegmentKey(bytes(32))
NODES = 6
OF_EACH = 40


def fill(intake: Intake, keys: Keys, known: Dictionary | None = None) -> list[messages.Ack]:
    """Each node writes its households in one batch."""
    acks: list[messages.Ack] = []
    for node_id, key in keys.nodes.items():
        body = to_body(a_household())
        canonical = [
            encode(Entry("household.registered", Stamp(n), {**body, "note": f"{node_id} {n}"}))
            for n in range(OF_EACH)
        ]
        sealed = keys.opening.public().seal(SEGMENT.secret, segment_info(node_id, STREAM.epoch))
        bare = Batch(node_id, STREAM, 1, OF_EACH, NO_HASH, Form.COLUMNS, b"")
        batch = pack(bare, canonical, SEGMENT, known) if known else pack(bare, canonical, SEGMENT)
        told: list[messages.Message] = [EpochLink(node_id, STREAM.epoch, (), sealed), batch]
        group = [(node_id, sign(messages.encode(one), key)) for one in told]
        for _, ack in intake.take(group, 1_000):
            read = messages.decode(verified(ack, keys.central.public_key()))
            assert isinstance(read, messages.Ack)
            acks.append(read)
    return acks


@pytest.fixture
def keys() -> Keys:
    return new_keys(NODES)


def an_intake(log: SqlLog, keys: Keys, folder: DictionaryFolder) -> Intake:
    publics = {node_id: key.public_key() for node_id, key in keys.nodes.items()}
    return Intake(log, keys.central, keys.opening, publics.get, folder.get)


def trained(database: Database) -> Dictionary:
    return train_from(database, "household.registered", []).dictionary


def test_what_is_learned_is_used_asked_for_and_kept_with_the_backup(
    tmp_path: Path, keys: Keys
) -> None:
    database, log = a_log(tmp_path)
    fill(an_intake(log, keys, DictionaryFolder(tmp_path / "none")), keys)
    known = trained(database)
    assert known.tables, "six nodes wrote the same names"

    other, second = a_log(tmp_path, "second")
    folder = DictionaryFolder(tmp_path / "dictionaries")
    acks = fill(an_intake(second, keys, folder), keys, known)
    assert {why for ack in acks for _, _, why in ack.refused} == {Refused.DICTIONARY}
    folder.keep(known)
    acks = fill(an_intake(second, keys, folder), keys, known)
    assert sum(mark.held.seq for ack in acks for mark in ack.marks) == NODES * OF_EACH
    Backup(tmp_path / "backup", second, folder).run_once()

    _, third = a_log(tmp_path, "third")
    elsewhere = DictionaryFolder(tmp_path / "elsewhere")
    restoring = an_intake(third, keys, elsewhere)
    assert backup.restore(tmp_path / "backup", third, restoring, elsewhere) == 2 * NODES
    for each in (database, other):
        each.close()


def test_too_few_records_teach_nothing(tmp_path: Path) -> None:
    database, _ = a_log(tmp_path)
    with pytest.raises(LogRefusedError, match="Central holds 0 records"):
        train_from(database, "household.registered", [])
    database.close()


def test_a_spoiled_dictionary_is_as_good_as_none(tmp_path: Path) -> None:
    folder = DictionaryFolder(tmp_path)
    path = folder.keep(Dictionary("k", (("a", "b"),), {"k.name": 0}))
    name = bytes.fromhex(path.stem)
    assert DictionaryFolder(tmp_path).get(name) is not None
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert DictionaryFolder(tmp_path).get(name) is None


def test_a_node_whose_dictionary_central_lacks_packs_without_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    keys = new_keys(1)
    database, log = a_log(tmp_path)
    talker = Talker(keys)
    foreign = Dictionary("household.registered", (("хати",),), {"household.registered.origin": 0})
    talker.node.pump.dictionaries.replace([foreign.encoded, b"not a dictionary"])
    talker.write(*(a_household() for _ in range(3)))
    intake = an_intake(log, keys, DictionaryFolder(tmp_path / "none"))
    for now_ms in range(0, 120_000, 1_000):
        for data in talker.messages(now_ms):
            for _, ack in intake.take([(NODE, data)], 1_000):
                talker.hear(ack)
    assert talker.waiting == 0
    assert talker.node.pump.link.troubles == frozenset()
    database.close()


def test_a_node_that_has_the_dictionary_of_central_uses_it(tmp_path: Path) -> None:
    keys = new_keys(NODES)
    database, log = a_log(tmp_path)
    folder = DictionaryFolder(tmp_path / "dictionaries")
    fill(an_intake(log, keys, folder), keys)
    known = trained(database)
    folder.keep(known)
    sizes: list[int] = []
    for dictionaries in ([], [known.encoded]):
        talker = Talker(keys)
        talker.node.pump.dictionaries.replace(dictionaries)
        talker.write(*(a_household() for _ in range(3)))
        sizes.append(sum(map(len, talker.messages())))
    assert sizes[1] < sizes[0]
    database.close()
