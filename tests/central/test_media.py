"""Files at central: pieces of the log that make up a whole, whose hash decides."""

import hashlib
import random
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from central.ops.pages import Sources, create_app
from central.store import kept, originals
from central.store.database import Database
from central.store.log import SqlLog
from central.store.media_tables import State, media_files, media_originals, media_pieces
from central.store.tables import quarantine
from sync.sim.machines import new_keys
from sync.store.media import Media
from sync.wire.kinds.media import CHUNK_BYTES, MediaChunk, MediaFile
from tests.central.building import NODE, Talker, an_intake

KEYS = new_keys(1)
CONTENT = random.Random(1).randbytes(5 * CHUNK_BYTES + 1)
SHA256 = hashlib.sha256(CONTENT).digest()
FILE = MediaFile(SHA256, len(CONTENT), "video/mp4", "Олена", note="Дах", preview=b"\xff\xd8small")


def a_chunk(place: int, content: bytes = CONTENT, **changes: Any) -> MediaChunk:
    data = content[place * CHUNK_BYTES :][:CHUNK_BYTES]
    plain: dict[str, Any] = {"file": SHA256, "size": len(CONTENT), "number": place, "data": data}
    return MediaChunk(**(plain | changes))


def a_talker(**changes: Any) -> Talker:
    return Talker(KEYS, **changes)


def shown(database: Database) -> list[list[tuple[Any, ...]]]:
    with database.reading() as connection:
        return [
            sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in (media_files, media_pieces, media_originals, quarantine)
        ]


def state(database: Database) -> State:
    with database.reading() as connection:
        return State(connection.execute(select(media_originals.c.state)).scalar_one())


def verify_all(database: Database) -> None:
    while originals.verify_next(database) is not None:
        pass


def operations(database: Database) -> FlaskClient:
    sources = Sources(database, frozenset, lambda: 0, lambda: None, lambda: None, ZoneInfo("UTC"))
    return create_app(sources).test_client()


@pytest.fixture
def log(database: Database) -> SqlLog:
    return SqlLog(database)


def test_a_file_that_came_whole_is_verified_shown_and_given_out(
    database: Database, log: SqlLog
) -> None:
    talker, intake, client = a_talker(), an_intake(log, KEYS), operations(database)
    receipt = Media(talker.node.store).keep(BytesIO(CONTENT), FILE)
    where = f"/evidence/{receipt.public_id}"
    talker.talk(intake)
    assert talker.waiting == 0
    listed = client.get("/evidence?lang=en").text
    assert "the hash is being verified" in listed
    assert "Дах" in listed
    assert client.get(f"{where}/original").status_code == 404
    verify_all(database)
    assert "The original is here, its hash verified." in client.get("/evidence?lang=en").text
    original = client.get(f"{where}/original")
    assert original.data == CONTENT
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{where}/preview").data == FILE.preview


def test_a_rebuild_gives_the_same_and_pieces_that_come_twice_do_no_harm(
    database: Database, log: SqlLog
) -> None:
    talker = a_talker()
    chunks = [a_chunk(number) for number in range(6)]
    talker.write(*chunks[:4], FILE, *chunks)
    talker.talk(an_intake(log, KEYS))
    verify_all(database)
    assert state(database) is State.VERIFIED
    before = shown(database)
    log.rebuild()
    verify_all(database)
    assert shown(database) == before


def test_a_description_comes_before_its_pieces_and_says_how_many_there_will_be(
    database: Database, log: SqlLog
) -> None:
    talker = a_talker()
    talker.write(FILE)
    talker.talk(an_intake(log, KEYS))
    client = operations(database)
    assert "Pieces of the original here: 0 / 6" in client.get("/evidence?lang=en").text
    talker.write(a_chunk(3))
    talker.talk(an_intake(log, KEYS))
    assert "Pieces of the original here: 1 / 6" in client.get("/evidence?lang=en").text


@pytest.mark.parametrize(
    "poison",
    [
        a_chunk(0, number=6),
        a_chunk(0, number=-1),
        a_chunk(0, data=b"short"),
        a_chunk(0, size=0),
        a_chunk(0, size=1 << 60, number=1 << 40),
        a_chunk(0, file=b"no hash"),
        MediaFile(b"no hash", 5, "image/png", "x"),
        MediaFile(SHA256, 5, "image/png", "x", preview=bytes(20_000)),
    ],
    ids=str,
)
def test_a_piece_that_can_be_part_of_nothing_is_parked_and_blocks_nothing(
    database: Database, log: SqlLog, poison: MediaChunk | MediaFile
) -> None:
    talker = a_talker()
    talker.write(poison, FILE, *(a_chunk(number) for number in range(6)))
    talker.talk(an_intake(log, KEYS))
    assert talker.waiting == 0
    verify_all(database)
    assert state(database) is State.VERIFIED
    assert len(shown(database)[3]) == 1


def test_pieces_that_do_not_make_up_the_file_are_told_and_better_ones_heal_it(
    database: Database, log: SqlLog
) -> None:
    talker, intake = a_talker(), an_intake(log, KEYS)
    lie = bytes(len(CONTENT))
    talker.write(FILE, *(a_chunk(number, lie) for number in range(6)))
    talker.talk(intake)
    verify_all(database)
    assert state(database) is State.SPOILED
    client = operations(database)
    assert "do not make up this file" in client.get("/evidence?lang=en").text
    talker.write(*(a_chunk(number) for number in range(6)))
    talker.talk(intake)
    verify_all(database)
    assert state(database) is State.VERIFIED_LAST
    [name] = [row[4] for row in shown(database)[0]]
    assert client.get(f"/evidence/{name}/original").data == CONTENT
    talker.write(a_chunk(0, lie))
    talker.talk(intake)
    assert client.get(f"/evidence/{name}/original").data == CONTENT


def test_a_node_cannot_spoil_the_file_of_another(database: Database, log: SqlLog) -> None:
    keys = new_keys(2)
    intake = an_intake(log, keys)
    liar = Talker(keys)
    liar.write(*(a_chunk(number, bytes(len(CONTENT))) for number in range(6)))
    liar.talk(intake)
    honest = Talker(keys, seed=9, node_id="node-1")
    honest.write(FILE, *(a_chunk(number) for number in range(6)))
    honest.talk(intake)
    verify_all(database)
    with database.reading() as connection:
        states = dict(
            connection.execute(select(media_originals.c.node_id, media_originals.c.state)).all()
        )
    assert states == {NODE: State.SPOILED, "node-1": State.VERIFIED}


def test_a_step_of_the_backup_takes_so_many_bytes_and_no_more(
    log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = a_talker()
    talker.write(*(a_chunk(number) for number in range(6)))
    talker.talk(an_intake(log, KEYS))
    everything = log.backup_waiting(500)
    monkeypatch.setattr(kept, "_WAITING_BYTES_MAX", 30_000)
    waiting = log.backup_waiting(500)
    assert 1 <= len(waiting) < len(everything)
    assert sum(len(one.message) for one in waiting) <= 30_000
    monkeypatch.setattr(kept, "_WAITING_BYTES_MAX", 1)
    assert len(log.backup_waiting(500)) == 1
