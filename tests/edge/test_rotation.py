"""A node takes a new signing key: wherever it dies on the way, central believes it afterwards."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.believed import Believed
from central.fleet import Fleet
from central.store.database import Database
from central.store.log import SqlLog
from edge.rotation import Rotation
from edge.signing import Signing
from sync.core.intake import Intake
from sync.pump import Pump
from sync.transport.port import Received, RoadUp
from sync.wire import keys, messages
from sync.wire.errors import SignatureError
from sync.wire.keys import CentralKeys
from sync.wire.messages import Hello
from sync.wire.seal import new_opening_key
from sync.wire.sign import sign, verified
from tests.builders import NODE_ID, Surroundings, a_household, a_store

CENTRAL, OPENING = Ed25519PrivateKey.generate(), new_opening_key()


class Centre:
    """A node and central on one disk; either may be killed: ``start`` is what follows."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said, self.lost = folder, list[bytes](), False
        self.first = Ed25519PrivateKey.generate()
        (folder / "signing.key").touch(mode=0o600)
        (folder / "signing.key").write_text(keys.signing_key_text(self.first), "ascii")
        self.enrol(self.first)
        self.database = Database(f"sqlite:///{folder / 'central.db'}")
        self.database.migrate()
        self.start_central()
        self.start_node()

    def enrol(self, key: Ed25519PrivateKey) -> None:
        listed = keys.fleet_text({NODE_ID: key.public_key()})
        (self.folder / "fleet.json").write_text(listed, "utf-8")

    def start_central(self) -> None:
        fleet = Fleet(self.folder / "fleet.json")
        self.believed = Believed(fleet, self.database, lambda: 1)
        self.log = SqlLog(self.database)
        self.intake = Intake(self.log, CENTRAL, OPENING, self.believed.key_of)

    def start_node(self) -> None:
        self.signing = Signing(self.folder, NODE_ID)
        self.store = a_store(self.folder, Surroundings(), OPENING.public())
        central = CentralKeys(CENTRAL.public_key(), OPENING.public())
        self.pump = Pump(self.store, self, self.signing, central, os.urandom)
        self.rotation = Rotation(self.signing, self.store)
        self.pump.take(RoadUp(), 0, 0)

    def send(self, data: bytes) -> None:
        self.said.append(data)

    def reconnect(self) -> None:
        """No road here is ever silent."""

    def talk(self, *, acks: bool = True) -> None:
        """Until nothing is left to say."""
        self.pump.tick(0, 0)
        while self.said:
            for _, ack in self.intake.take([(NODE_ID, self.said.pop(0))], 1):
                if acks:
                    self.pump.take(Received(ack), 0, 0)
            self.pump.tick(0, 0)

    def step(self) -> None:
        self.rotation.step(self.pump, 0, 0)

    def believes(self, key: Ed25519PrivateKey) -> bool:
        found = self.believed.key_of(NODE_ID)
        assert found is not None
        hello = Hello(NODE_ID, bytes(8), b"epoch-01", ())
        try:
            verified(sign(messages.encode(hello), key), found)
        except SignatureError:
            return False
        return True

    @property
    def key(self) -> Ed25519PrivateKey:
        return keys.read_signing_key((self.folder / "signing.key").read_text("ascii"))

    @property
    def held(self) -> int:
        return sum(mark.seq for mark in self.log.book(NODE_ID).held.values())


def chain_alone(centre: Centre) -> None:
    """The first half of the switch."""
    names = ("signing.key", "signing.next")
    for name in names:
        shutil.copy2(centre.folder / name, centre.folder / f"{name}.before")
    centre.signing.switch()
    for name in names:
        (centre.folder / f"{name}.before").replace(centre.folder / name)


STEPS: dict[str, Callable[[Centre], None]] = {
    "a key is made": lambda centre: centre.signing.prepare(),
    "its record is written": lambda centre: centre.rotation.begin(),
    "central has it": lambda centre: centre.talk(acks=False),
    "the ack is noted": lambda centre: centre.talk(),
    "the chain is written": chain_alone,
    "the key is used": lambda centre: centre.step(),
    "central heard it": lambda centre: centre.talk(),
}


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


@pytest.mark.parametrize("count", range(len(STEPS) + 1), ids=["nothing is done", *STEPS])
def test_killed_after_any_step_it_ends_with_the_new_key_believed_alone(
    centre: Centre, count: int
) -> None:
    centre.store.write(a_household())
    for act in list(STEPS.values())[:count]:
        act(centre)
    centre.said.clear()  # what was on its way is lost
    centre.start_node()
    centre.start_central()
    if count == 0:
        centre.rotation.begin()
    for _ in range(3):
        centre.talk()
        assert not [one for one in centre.store.depths().values() if one.waiting]
        centre.step()
    centre.store.write(a_household())
    centre.talk()
    assert centre.held == 3  # two households and the key
    fresh = centre.key
    assert centre.believes(fresh)
    assert not centre.believes(centre.first)
    assert fresh.private_bytes_raw() != centre.first.private_bytes_raw()
    assert not (centre.folder / "signing.next").exists()
    assert stat.S_IMODE((centre.folder / "signing.key").stat().st_mode) == 0o600


def rotated(centre: Centre) -> Ed25519PrivateKey:
    """One whole rotation; gives the key that is gone."""
    gone = centre.key
    centre.rotation.begin()
    centre.talk()
    centre.step()
    centre.store.write(a_household())
    centre.talk()
    assert centre.believes(centre.key)
    return gone


def test_it_can_be_done_again_and_again(centre: Centre) -> None:
    gone = [rotated(centre) for _ in range(9)]
    assert len({key.private_bytes_raw() for key in gone}) == 9
    assert not any(centre.believes(key) for key in gone)
    assert len(centre.signing.chain()) == 8


def test_central_started_anew_still_knows_and_so_does_one_that_read_its_log_again(
    centre: Centre,
) -> None:
    gone = rotated(centre)
    centre.believed.save()
    centre.start_central()
    assert not centre.believes(gone)
    centre.log.rebuild()
    centre.start_central()
    assert not centre.believes(gone)
    assert centre.believes(centre.key)


def test_until_the_new_key_is_heard_both_are_believed(centre: Centre) -> None:
    centre.rotation.begin()
    centre.talk()
    assert centre.believes(centre.first)
    centre.step()
    assert centre.believes(centre.first)
    assert centre.believes(centre.key)
    assert not centre.believes(centre.first)


def test_an_entry_made_anew_in_the_fleet_list_counts_alone(centre: Centre) -> None:
    rotated(centre)
    anew = Ed25519PrivateKey.generate()
    centre.enrol(anew)
    centre.start_central()
    assert centre.believes(anew)
    assert not centre.believes(centre.key)
    assert not centre.believes(centre.first)


def test_a_folder_that_takes_nothing_leaves_the_key_as_it_was(centre: Centre) -> None:
    (centre.folder / "signing.next.draft").mkdir()
    with pytest.raises(OSError, match="directory"):
        centre.rotation.begin()
    assert centre.key.private_bytes_raw() == centre.first.private_bytes_raw()
    assert centre.signing.succession() is None
    assert json.loads((centre.folder / "fleet.json").read_text())["nodes"].keys() == {NODE_ID}
