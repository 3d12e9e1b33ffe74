"""Hazards at central: first on the way, once by whatever road, and what operations say of them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central.commands import central
from central.store import hazards, letters, projections
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.wire import hazard_codes, messages, short
from sync.wire.kinds.hazard import HazardDetailed, HazardReported, HazardSettled, Standing
from sync.wire.kinds.media import MediaChunk
from sync.wire.lanes import Lane
from sync.wire.messages import Batch
from sync.wire.places import Stream
from sync.wire.short import Short
from sync.wire.sign import payload_of
from tests.central import test_commands as commands
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_commands import config as config  # noqa: PLC0414  a fixture
from tests.central.test_projections import a_household

KEYS = new_keys(1)
REPORT = HazardReported("uxo", 5_045_000, 3_052_000, 10, "За мостом", 12, False)


@pytest.fixture
def log(database: Database) -> SqlLog:
    return SqlLog(database)


def found(database: Database) -> list[hazards.Hazard]:
    with database.reading() as connection:
        return hazards.newest(connection)


def the_ref(talker: Talker, seq: int = 1) -> bytes:
    stream = Stream(talker.node.store.epoch, Lane.URGENT)
    return hazard_codes.ref_of(NODE, stream, seq)


def test_a_hazard_leaves_before_the_media_that_waited_longer(log: SqlLog) -> None:
    """PAINS 9: by the real store and sender, whatever was written before it."""
    talker = Talker(KEYS)
    talker.write(*(MediaChunk(bytes(32), 4 * 16_384, n, bytes(16_384)) for n in range(4)))
    talker.write(*(a_household(number) for number in range(5)))
    talker.write(HazardDetailed(f"{NODE}-000000-0-1", "Олена", looks="Зелений"), REPORT)
    intake = an_intake(log, KEYS)
    lanes: list[Lane] = []
    while said := talker.messages():
        for data in said:
            message = messages.decode(payload_of(data))
            if isinstance(message, Batch):
                lanes.append(message.stream.lane)
            for _, ack in intake.take([(NODE, data)], 1_000):
                talker.hear(ack)
    assert list(dict.fromkeys(lanes)) == [Lane.URGENT, Lane.PEOPLE, Lane.WORK, Lane.MEDIA]


def test_reports_and_their_details_join_in_any_order(log: SqlLog, database: Database) -> None:
    talker = Talker(KEYS)
    name = f"{NODE}-{talker.node.store.epoch.hex()[:6]}-0-1"
    talker.write(HazardDetailed(name, "Олена", looks="Зелений"))
    talker.talk(an_intake(log, KEYS))
    talker.write(REPORT)
    talker.talk(an_intake(log, KEYS))
    [one] = found(database)
    assert (one.public_id, one.report, one.standing) == (name, REPORT, Standing.OPEN)
    with database.reading() as connection:
        whole = hazards.find(connection, the_ref(talker))
    assert whole is not None
    assert [told.looks for told in whole.details] == ["Зелений"]


def test_the_short_form_and_the_record_are_one_report_in_either_order(
    log: SqlLog, database: Database
) -> None:
    talker = Talker(KEYS)
    said = Short(the_ref(talker), 1_795_428_000, REPORT)
    with database.writing() as connection:
        assert hazards.take_short(connection, NODE, said, b"signed", 5)
        assert not hazards.take_short(connection, NODE, said, b"signed again", 6)
    [one] = found(database)
    assert (one.public_id, one.came_at_ms) == (None, 5)
    talker.write(REPORT)
    talker.talk(an_intake(log, KEYS))
    [one] = found(database)
    assert one.public_id is not None
    assert one.came_at_ms == 5, "it was known since the short form came"
    with database.writing() as connection:
        assert not hazards.take_short(connection, NODE, said, b"late", 7)
    assert found(database) == [one]


def test_what_is_rebuilt_is_what_was(log: SqlLog, database: Database) -> None:
    talker = Talker(KEYS)
    with database.writing() as connection:
        said = Short(b"by radio"[:7], 1_795_428_000, REPORT)
        hazards.take_short(connection, NODE, said, b"signed", 5)
    talker.write(REPORT)
    talker.talk(an_intake(log, KEYS))
    [one] = [one for one in found(database) if one.public_id]
    with database.writing() as connection:
        hazards.settle(connection, one, Standing.HANDED_OVER, "Ігор", 9)
    before = found(database)
    with database.writing() as connection:
        projections.rebuild(connection)
    assert found(database) == before
    assert {one.standing for one in before} == {Standing.OPEN, Standing.HANDED_OVER}


def test_what_operations_say_of_it_goes_down_first(log: SqlLog, database: Database) -> None:
    talker = Talker(KEYS)
    talker.write(REPORT)
    talker.talk(an_intake(log, KEYS))
    [one] = found(database)
    with database.writing() as connection:
        hazards.settle(connection, one, Standing.CLOSED, "Ігор", 9)
        [letter] = letters.newest(connection, NODE, 9)
    assert letter.kind == HazardSettled.kind
    assert letter.about == one.public_id


def test_an_unsound_report_waits_in_quarantine(log: SqlLog, database: Database) -> None:
    talker = Talker(KEYS)
    talker.write(HazardReported("uxo", 9_900_000, 0), HazardReported("teapot", 0, 0), REPORT)
    talker.talk(an_intake(log, KEYS))
    assert [one.report for one in found(database)] == [REPORT]


def call(config: Path, *words: str) -> Result:
    return CliRunner().invoke(central, [words[0], "--config", str(config), *words[1:]])


@pytest.fixture
def running(config: Path) -> Path:
    """The settings of a central whose database is there."""
    ring = config.parent / "keys"
    assert ring.is_dir()
    database = Database(f"sqlite:///{config.parent / 'data' / 'central.db'}")
    database.migrate()
    database.close()
    return config


def test_a_text_from_an_sms_and_bytes_from_a_radio_are_taken_once(running: Path) -> None:
    ref = b"radio-1"
    said = Short(ref, 1_795_428_000, REPORT)
    keys = commands.KEYS  # those of the settings
    data = short.encode(NODE, said, keys.opening.public(), keys.nodes[NODE])
    first = call(running, "short", short.text(data))
    assert first.exit_code == 0, first.output
    assert f"Report {hazard_codes.code_of(ref)} of {NODE} is here now." in first.output
    path = running.parent / "report.bin"
    path.write_bytes(short.encode(NODE, said, keys.opening.public(), keys.nodes[NODE]))
    again = call(running, "short", str(path))
    assert "was here already" in again.output
    stranger = short.encode(NODE, said, keys.opening.public(), keys.central)
    refused = call(running, "short", short.text(stranger))
    assert (refused.exit_code, "Nothing was taken" in refused.output) == (1, True)
    assert call(running, "short", "no such thing").exit_code == 2
