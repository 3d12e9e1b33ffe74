"""The relay's address behind the node's own server: who may come, and what is answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.web import WebServer
from localservices.app import create_app
from localservices.relay.door import TURNS_MAX, Door
from localservices.relay.pages import create_pages
from sync.store.database import open_database
from sync.store.relayed import Relayed
from sync.store.shape import prepare
from sync.store.writer import GroupWriter
from sync.transport.relay import RelayError, RelayLine, Trouble
from sync.wire import bag, messages, succession
from sync.wire.messages import Ack, Hello
from sync.wire.sign import sign
from tests.builders import an_office
from tests.daemons import free_port

FIELD, KEY, STRANGER = "field-1", Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
TIMEOUT_S = 30


class Centre:
    """A relay's pages on a server of its own."""

    def __init__(self, folder: Path, *, knows_fleet: bool, quota: int) -> None:
        path = folder / "relayed.db"
        first = open_database(path)
        prepare(first)
        self.writer = GroupWriter(first)
        self.relayed = Relayed(self.writer, open_database(path), quota)
        self.now_ms = 0
        fleet = {FIELD: KEY.public_key()}.get if knows_fleet else None
        door = Door(self.relayed, lambda: self.now_ms, fleet)
        app = create_app(an_office(folder, pages=[create_pages(door)]))
        self.server = WebServer(app, "127.0.0.1", 0)
        self.server.start()
        self.line = RelayLine(FIELD)

    @property
    def address(self) -> str:
        return self.server.address.rstrip("/")

    def post(self, body: bytes, node: str = FIELD) -> requests.Response:
        where = f"{self.address}/relay/1/messages?node={node}"
        return requests.post(where, data=body, timeout=TIMEOUT_S)

    def close(self) -> None:
        self.line.close()
        self.server.stop()
        self.relayed.close()
        self.writer.close()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    centre = Centre(tmp_path, knows_fleet=False, quota=10**6)
    yield centre
    centre.close()


@pytest.fixture
def knowing(tmp_path: Path) -> Iterator[Centre]:
    centre = Centre(tmp_path, knows_fleet=True, quota=500)
    yield centre
    centre.close()


def hello(node_id: str = FIELD, key: Ed25519PrivateKey = KEY, nonce: bytes = b"nonce-01") -> bytes:
    return sign(messages.encode(Hello(node_id, nonce, b"epoch-01", ())), key)


def test_a_node_hands_over_and_takes_central_s_words_without_signing_in(centre: Centre) -> None:
    centre.relayed.confirm(FIELD, Ack(FIELD, 1, None, ()), b"a word of central")
    assert centre.line.exchange(centre.address, 0, [hello()]) == ([b"a word of central"], 1)
    assert centre.line.exchange(centre.address, 1, []) == ([], 1)
    assert centre.relayed.load().parcels == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 100,
        bag.pack([b"no message"]),
        bag.pack([hello("field-2")]),
        bag.pack([sign(messages.encode(Ack("field-2", 1, None, ())), KEY)]),
    ],
    ids=["nothing", "noise", "no message", "another hello", "an ack"],
)
def test_what_is_no_node_s_is_one_sentence_and_nothing_is_kept(centre: Centre, body: bytes) -> None:
    answer = centre.post(body)
    assert answer.status_code == 400
    assert "не те, що передає вузол" in answer.text
    assert centre.relayed.load().parcels == 0


def test_a_name_that_no_node_has_is_refused(centre: Centre) -> None:
    assert centre.post(bag.pack([]), "../field").status_code == 400


def test_a_bag_larger_than_any_is_not_read(centre: Centre) -> None:
    assert centre.post(bytes(bag.BAG_BYTES_MAX + 1)).status_code == 413
    assert centre.relayed.load().parcels == 0


def test_a_stranger_is_turned_away_where_the_fleet_is_known(knowing: Centre) -> None:
    assert knowing.post(bag.pack([hello(key=STRANGER)])).status_code == 400
    assert knowing.post(bag.pack([hello("field-2")]), "field-2").status_code == 400
    assert knowing.post(bag.pack([hello()])).status_code == 200


def test_a_node_with_a_newer_key_than_the_list_shows_how_it_came_by_it(knowing: Centre) -> None:
    new, newest = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    told = [hello(key=newest)]
    with pytest.raises(RelayError):
        knowing.line.exchange(knowing.address, 0, told)
    chain = [succession.write(FIELD, KEY, new), succession.write(FIELD, new, newest)]
    showing, stranger = RelayLine(FIELD, lambda: chain), RelayLine(FIELD, lambda: chain[1:])
    assert showing.exchange(knowing.address, 0, told) == ([], 0)
    with pytest.raises(RelayError):
        stranger.exchange(knowing.address, 0, told)
    showing.close()
    stranger.close()


def test_a_full_relay_says_so_in_a_sentence(knowing: Centre) -> None:
    told = [hello(nonce=b"nonce-%02d" % number) for number in range(9)]
    assert knowing.post(bag.pack(told)).status_code == 200  # the latest hello is kept
    link = messages.EpochLink(FIELD, b"epoch-01", (), bytes(600))
    answer = knowing.post(bag.pack([sign(messages.encode(link), KEY)]))
    assert answer.status_code == 507
    assert "переповнений" in answer.text
    with pytest.raises(RelayError) as refused:
        knowing.line.exchange(knowing.address, 0, [sign(messages.encode(link), KEY)])
    assert refused.value.trouble is Trouble.FULL


def test_who_comes_too_often_is_asked_to_wait(centre: Centre) -> None:
    for _ in range(TURNS_MAX):
        centre.line.exchange(centre.address, 0, [])
    with pytest.raises(RelayError) as refused:
        centre.line.exchange(centre.address, 0, [])
    assert refused.value.trouble is Trouble.OFTEN


def test_a_node_that_is_no_relay_and_one_that_is_gone_are_told_apart(
    centre: Centre, address: str
) -> None:
    with pytest.raises(RelayError) as none:
        centre.line.exchange(address, 0, [])
    assert none.value.trouble is Trouble.NONE
    with pytest.raises(RelayError) as gone:
        centre.line.exchange(f"http://127.0.0.1:{free_port()}", 0, [])
    assert gone.value.trouble is Trouble.GONE
