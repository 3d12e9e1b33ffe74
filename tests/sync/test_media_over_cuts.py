"""A file over a road that is cut again and again: whole, and hardly anything sent twice."""

import hashlib
import random
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from central.store import originals
from central.store.media import FileKey
from central.store.media_tables import State, media_files, media_originals
from sync.core.pace import BATCH_MS
from sync.sim.records import a_record
from sync.store.media import FileGoneError, Media
from sync.wire.kinds.media import CHUNK_BYTES, MediaFile, chunk_count
from sync.wire.lanes import Lane
from sync.wire.limits import BATCH_BYTES_MAX, WINDOW_BYTES_MAX
from tests.sync.flaky import Sky, World
from tests.sync.store.node import NODE

MB = 1024**2


def attach(world: World, size: int) -> bytes:
    content = random.Random(size).randbytes(size)
    sha256 = hashlib.sha256(content).digest()
    Media(world.node.store).keep(BytesIO(content), MediaFile(sha256, size, "video/mp4", "Олена"))
    return sha256


def at_central(world: World, sha256: bytes, size: int) -> bool:
    """Whether the whole file is there, and gives its hash."""
    originals.verify_next(world.database)
    with world.database.reading() as connection:
        state = connection.scalar(select(media_originals.c.state))
    digest = hashlib.sha256()
    for piece in originals.content(world.database, FileKey(NODE, sha256, size), State.VERIFIED):
        digest.update(piece)
    return state == State.VERIFIED and digest.digest() == sha256


@pytest.mark.parametrize(
    ("megabytes", "cuts"), [(6, 30), pytest.param(200, 100, marks=pytest.mark.long)]
)
def test_a_file_over_a_road_with_many_cuts_arrives_whole_with_a_window_a_cut_sent_twice(
    tmp_path: Path, megabytes: int, cuts: int
) -> None:
    size = megabytes * MB
    chance = random.Random(cuts)
    share_ms = int(size / 1_250 / cuts * 0.8)
    sky = Sky(cuts=cuts, cut_after=lambda _: 80 + chance.randrange(2 * share_ms))
    world = World(tmp_path, sky)
    sha256 = attach(world, size)
    world.run(world.all_held)
    carried = world.carried
    assert carried.cuts == cuts
    assert at_central(world, sha256, size)
    sent = [count for (lane, _), count in carried.sent.items() if lane is Lane.MEDIA]
    again = sum(sent) - chunk_count(size)
    assert len(sent) == chunk_count(size)
    window = WINDOW_BYTES_MAX + BATCH_BYTES_MAX  # the last batch may go beyond
    assert again <= cuts * (window // CHUNK_BYTES)
    # Nothing but what was on the road when it was cut.
    assert again * CHUNK_BYTES <= carried.lost_bytes
    assert carried.largest_flight <= window


def test_the_description_is_at_central_before_any_piece_of_the_original(tmp_path: Path) -> None:
    world = World(tmp_path, Sky(bytes_per_ms=32))  # 256 kbit/s
    attach(world, MB)
    world.run(world.all_held)
    lanes = [lane for _, lane, _ in world.carried.arrived]
    assert lanes[0] is Lane.WORK
    assert world.carried.arrived[0][0] < 1_000
    with world.database.reading() as connection:
        assert len(connection.execute(select(media_files)).all()) == 1


class Watched(BytesIO):
    """A file during whose writing the node's pump goes on."""

    def __init__(self, content: bytes, world: World) -> None:
        super().__init__(content)
        self._world = world

    def read(self, size: int | None = -1, /) -> bytes:
        self._world.step()
        return super().read(size)


def test_no_piece_leaves_while_its_file_is_still_being_written(tmp_path: Path) -> None:
    world = World(tmp_path, Sky())
    size = 2 * MB
    content = random.Random(size).randbytes(size)
    world.node.write("Коваль")
    world.run(world.all_held)
    sha256 = hashlib.sha256(content).digest()
    file = MediaFile(sha256, size, "video/mp4", "Олена")
    Media(world.node.store).keep(Watched(content, world), file)
    assert world.node.store.depths()[Lane.MEDIA].written == chunk_count(size)
    assert {lane for lane, _ in world.carried.sent} == {Lane.PEOPLE}
    world.run(world.all_held)
    assert [lane for _, lane, _ in world.carried.arrived][1] is Lane.WORK
    assert at_central(world, sha256, size)


@pytest.mark.parametrize("lane", [Lane.URGENT, Lane.PEOPLE])
@pytest.mark.parametrize("bytes_per_ms", [8, 32, 1_250], ids=["64 kbit", "256 kbit", "10 Mbit"])
def test_what_people_wait_for_passes_between_the_pieces(
    tmp_path: Path, bytes_per_ms: int, lane: Lane
) -> None:
    world = World(tmp_path, Sky(bytes_per_ms=bytes_per_ms, one_way_ms=300))
    attach(world, max(MB // 2, bytes_per_ms * 10_000))

    def arrived(of: Lane) -> int:
        return sum(one is of for _, one, _ in world.carried.arrived)

    world.run(lambda: arrived(Lane.MEDIA) >= 8)
    world.node.store.write(a_record(lane, 1))
    written_ms = world.now_ms
    world.run(lambda: arrived(lane) == 1)
    round_trip_ms, batch_ms = 600, max(BATCH_MS, CHUNK_BYTES / bytes_per_ms)
    assert world.now_ms - written_ms <= round_trip_ms + batch_ms
    assert not world.all_held()


def test_a_locked_node_sends_a_file_of_an_earlier_start_as_it_lies(tmp_path: Path) -> None:
    before = World(tmp_path, Sky())
    sha256 = attach(before, MB)
    before.node.off()
    world = World(tmp_path, Sky())
    with pytest.raises(FileGoneError):
        Media(world.node.store).read(sha256, 0, MB)
    world.run(world.all_held)
    assert at_central(world, sha256, MB)
