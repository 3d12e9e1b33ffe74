"""A field laptop, a relay and central, message by message: honest, in the dark, full and lying."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.routes import Routes
from localservices.relay.door import TURNS_MAX, Door
from sync.forwarding import FIRST_WAIT_MS, STILL_MS, TRIES_MAX, WAIT_MS_MAX, Forwarder
from sync.handover import FORGET_MS, PATIENCE_MS, Handover
from sync.packing import Dictionaries, Packer
from sync.sim.machines import Central, Node, new_keys
from sync.sim.memory_log import MemoryLog
from sync.sim.records import People, Urgent
from sync.store.database import open_database
from sync.store.relayed import Relayed, RelayFullError
from sync.store.shape import prepare
from sync.store.writer import DirectWriter
from sync.transport.port import Received, RoadUp
from sync.transport.relay import RelayError, Trouble
from sync.wire import bag, messages
from sync.wire.carried import Carried
from sync.wire.messages import Batch, Message
from sync.wire.sign import payload_of, sign
from tests.central.building import an_intake

CENTRE, FIELD = "node-0", "node-1"
SECOND_MS = 1_000


class World:
    """Time goes by seconds; the laptop reaches only the centre, the centre central when it may."""

    def __init__(self, folder: Path, quota: int = 10**6) -> None:
        chance = random.Random(7)
        self.folder, self.quota = folder, quota
        self.keys = new_keys(2)
        self.log = MemoryLog()
        self.intake = an_intake(self.log, self.keys)
        self.now_ms = 0
        self.sky = True  # between the centre and central
        self.down: list[bytes] = []
        self.up: list[bytes] = []
        self.centre = Node(CENTRE, self.keys, chance, self.up.append, lambda: None)
        self.laptop = Node(FIELD, self.keys, chance, lambda _: None, lambda: None)
        self.centre.put_image(None)
        self.laptop.put_image(None)
        self.new_shelf("first.db")
        self.routes = Routes(self._direct, self.intake.seal_ack, lambda: self.now_ms)
        self.intake.on_carried = self.routes.carried
        store = self.laptop.store
        packer = Packer(store, Dictionaries())
        self.handover = Handover(
            store, self.laptop.inbox, packer, self._turn, self._tell_laptop, chance.randbytes
        )
        self._numbers = iter(range(10**6))
        self.written = 0

    def new_shelf(self, name: str) -> None:
        """A relay's disk; another name is a new one."""
        path = self.folder / name
        first = open_database(path)
        prepare(first)
        self.relayed = Relayed(DirectWriter(first), open_database(path), self.quota)
        self.door = Door(self.relayed, lambda: self.now_ms)
        self.forwarder = Forwarder(self.relayed, self.centre.store, self.keys.of_central)
        self.centre.pump.listeners[Carried] = self.forwarder.take

    def exchange(self, address: str, after: int, told: list[bytes]) -> tuple[list[bytes], int]:
        """The local network."""
        try:
            answers, last = self.door.exchange(FIELD, after, bag.pack(told))
        except RelayFullError as error:
            raise RelayError(Trouble.FULL) from error
        return bag.unpack(answers), last

    def _turn(self, address: str, after: int, told: list[Message]) -> tuple[list[bytes], int]:
        key = self.keys.nodes[FIELD]
        return self.exchange(address, after, [sign(messages.encode(one), key) for one in told])

    def write(self, node: Node, count: int = 1, *, urgent: bool = False) -> None:
        for _ in range(count):
            number = next(self._numbers)
            record = Urgent(str(number)) if urgent else People(str(number))
            node.write(record, number.to_bytes(16, "big"))

    def run(self, seconds: int) -> list[Message]:
        """Give what the centre said to central meanwhile."""
        said: list[Message] = []
        for _ in range(seconds):
            self.now_ms += SECOND_MS
            self.laptop.tick(self.now_ms)
            wall_ms = self.laptop.wall(self.now_ms)
            self.handover.look(["relay"], self.now_ms, wall_ms, link_up=False)
            self.centre.tick(self.now_ms)
            self.forwarder.step(self.centre.pump, self.now_ms, 0)
            told, self.up[:] = list(self.up), []
            said += [messages.decode(payload_of(data)) for data in told]
            for data in told if self.sky else ():
                for node_id, ack in self.intake.take([(CENTRE, data)], self.now_ms):
                    self.routes.send(node_id, ack)
            words, self.down[:] = list(self.down), []
            for data in words:
                self.centre.take(Received(data), self.now_ms)
        return said

    def connect(self) -> None:
        self.centre.take(RoadUp(), self.now_ms)

    @property
    def waiting(self) -> int:
        """Of the laptop's records, as the laptop knows."""
        return sum(depth.waiting for depth in self.laptop.store.depths().values())

    @property
    def at_central(self) -> int:
        return len(self.log.nodes[FIELD].records) if FIELD in self.log.nodes else 0

    def _direct(self, node_id: str, data: bytes) -> None:
        if node_id == CENTRE and self.sky:
            self.down.append(data)

    def _tell_laptop(self, data: bytes) -> None:
        self.laptop.take(Received(data), self.now_ms)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.relayed.close()


def batches(said: list[Message]) -> list[Batch]:
    """Of others, that the centre sent on."""
    carried = [parcel for one in said if isinstance(one, Carried) for parcel in one.parcels]
    found = [messages.decode(payload_of(parcel.message)) for parcel in carried]
    return [one for one in found if isinstance(one, Batch)]


def test_what_the_laptop_wrote_reaches_central_once_and_it_is_told(world: World) -> None:
    world.connect()
    world.write(world.laptop, 30)
    world.run(PATIENCE_MS // SECOND_MS + 5)
    assert world.waiting == 0
    assert world.at_central == 30
    assert world.relayed.load().parcels == 0


def test_a_laptop_whose_own_road_may_yet_open_waits_a_moment(world: World) -> None:
    world.connect()
    world.write(world.laptop)
    world.run(PATIENCE_MS // SECOND_MS)
    assert world.relayed.load().parcels == 0


def test_all_is_handed_over_however_long_the_relay_is_in_the_dark(world: World) -> None:
    world.write(world.laptop, 3_000)
    world.run(30)
    lying = world.relayed.load().parcels
    world.run(3_600)
    assert world.relayed.load().parcels == lying
    assert world.at_central == 0
    world.connect()
    world.run(60)
    assert (world.at_central, world.waiting) == (3_000, 0)


def test_the_relay_s_own_records_go_first_within_a_lane(world: World) -> None:
    world.sky = False  # nothing that is sent is confirmed
    world.connect()
    world.write(world.laptop, 5)
    world.write(world.laptop, urgent=True)
    world.write(world.centre, 5)
    assert {one.stream.lane.name for one in batches(world.run(20))} == {"URGENT"}
    world.sky = True
    world.run(STILL_MS // SECOND_MS + 60)
    assert (world.at_central, world.waiting) == (6, 0)


def test_own_records_that_do_not_move_hold_nobody_back_for_ever(world: World) -> None:
    world.sky = False
    world.connect()
    world.write(world.centre, 5)
    world.write(world.laptop, 5)
    assert batches(world.run(STILL_MS // SECOND_MS)) == []
    assert batches(world.run(STILL_MS // SECOND_MS)) != []


def test_a_parcel_that_is_not_confirmed_is_sent_again_ever_less_often(world: World) -> None:
    world.sky = False
    world.connect()
    world.write(world.laptop, 3)
    world.run(PATIENCE_MS // SECOND_MS + 3)
    assert len(batches(world.run(FIRST_WAIT_MS // SECOND_MS + 1))) == 1
    assert len(batches(world.run(3_600))) in range(4, 8)


def test_what_central_never_confirms_does_not_lie_here_for_ever(world: World) -> None:
    """The laptop has it still."""
    world.sky = False
    world.connect()
    world.write(world.laptop)
    world.run(PATIENCE_MS // SECOND_MS + 3)
    for _ in range(TRIES_MAX + 1):
        world.now_ms += WAIT_MS_MAX
        world.forwarder.step(world.centre.pump, world.now_ms, 0)
    assert world.relayed.load().parcels == 0
    assert world.waiting == 1


def test_a_relay_that_lost_its_disk_is_offered_all_again(world: World) -> None:
    world.write(world.laptop, 5)
    world.run(20)
    world.relayed.close()
    world.new_shelf("second.db")
    world.now_ms += FORGET_MS
    world.connect()
    world.run(30)
    assert (world.at_central, world.waiting) == (5, 0)


def test_a_full_relay_says_so_and_the_laptop_keeps_its_records(tmp_path: Path) -> None:
    world = World(tmp_path, quota=1_000)
    world.write(world.laptop, 300)
    world.run(20)
    assert world.handover.trouble is Trouble.FULL
    assert world.waiting == 300
    world.relayed.close()


def test_a_relay_that_makes_up_confirmations_is_not_believed(world: World) -> None:
    """Nor one that gives another node's."""
    world.write(world.laptop, 5)
    forged = [ack for keys in (new_keys(2), world.keys) for _, ack in Central(keys).ask_all(0)]
    forged += [b"", b"\xff" * 50]
    honest = world.exchange

    def lying(address: str, after: int, told: list[bytes]) -> tuple[list[bytes], int]:
        return forged + honest(address, after, told)[0], 0

    world.exchange = lying  # type: ignore[method-assign]
    world.run(30)
    assert world.waiting == 5


@pytest.mark.parametrize("seed", range(6))
def test_a_relay_that_drops_doubles_alters_and_reorders_harms_nobody(
    world: World, seed: int
) -> None:
    """Once an honest one comes by, all is there, once."""
    chance = random.Random(seed)
    world.connect()
    honest = world.exchange

    def lying(address: str, after: int, told: list[bytes]) -> tuple[list[bytes], int]:
        kept = [one for one in told if chance.random() < 0.6]
        try:
            answers, last = honest(address, after, chance.sample(kept, len(kept)))
        except RelayError:
            answers, last = [], after
        return [_flipped(one, chance) for one in answers * 2], last

    world.exchange = lying  # type: ignore[method-assign]
    for _ in range(10):
        world.write(world.laptop, 7)
        world.run(5)
    assert world.at_central <= 70
    world.exchange = honest  # type: ignore[method-assign]
    world.now_ms += FORGET_MS
    world.run(120)
    assert (world.at_central, world.waiting) == (70, 0)


def test_an_address_that_comes_too_often_is_asked_to_wait(world: World) -> None:
    assert all(world.door.lets_in("10.0.0.9") for _ in range(TURNS_MAX))
    assert not world.door.lets_in("10.0.0.9")
    assert world.door.lets_in("10.0.0.8")
    world.now_ms += 60_000
    assert world.door.lets_in("10.0.0.9")


def _flipped(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
