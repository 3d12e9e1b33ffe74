"""Central hands the catalogue to a whole fleet at once: from memory, bounded, each in its turn."""

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.catalogue import counter
from central.catalogue.counter import Counter, Pieces
from sync.wire import messages
from sync.wire.pieces import PIECE_BYTES_MAX, Piece, Want
from sync.wire.sign import verified
from tests.catalogues import Authority

KEY = Ed25519PrivateKey.generate()
FLEET = 30_000
LIST = bytes(range(256)) * 1024  # 256 KiB


def read(signed: bytes) -> Piece:
    piece = messages.decode(verified(signed, KEY.public_key()))
    assert isinstance(piece, Piece)
    return piece


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path)
    authority.publish("trust/lists/eu.json", LIST)
    return authority


@pytest.fixture
def pieces(authority: Authority) -> Pieces:
    pieces = Pieces(authority.repository, KEY)
    pieces.reload()
    return pieces


def target(authority: Authority) -> str:
    return next(name for name in authority.files() if name.endswith(".eu.json"))


def test_a_file_comes_whole_in_pieces_of_any_length(authority: Authority, pieces: Pieces) -> None:
    name, whole = target(authority), b""
    while len(whole) < len(LIST):
        piece = read(pieces.of(name, len(whole), 5000))
        assert (piece.total, len(piece.data)) == (len(LIST), 4096)
        whole += piece.data
    assert whole == LIST
    assert len(read(pieces.of(name, 0, 1 << 40)).data) == PIECE_BYTES_MAX


@pytest.mark.parametrize(
    "name", ["../central/signing.key", "/etc/passwd", "lock", "metadata", "", "\x00", "a" * 256]
)
def test_only_what_was_published_is_ever_read(name: str, pieces: Pieces) -> None:
    answer = read(pieces.of(name, 0, 100))
    assert (answer.total, answer.data) == (None, b"")


def test_what_is_published_while_central_runs_is_there_at_once(
    authority: Authority, pieces: Pieces
) -> None:
    before = read(pieces.of("metadata/timestamp.json", 0, 4096)).data
    assert not pieces.reload()
    authority.publish("notices/today.json", b"{}")
    assert pieces.reload()
    assert read(pieces.of("metadata/timestamp.json", 0, 4096)).data != before


def test_memory_stays_bounded_whatever_is_asked(authority: Authority) -> None:
    pieces = Pieces(authority.repository, KEY, cache_bytes_max=100_000)
    pieces.reload()
    for offset in range(0, len(LIST), 64):
        pieces.of(target(authority), offset, 4096)
        assert pieces.cached_bytes <= 100_000


def test_thirty_thousand_nodes_that_ask_at_once_are_all_served(
    authority: Authority, pieces: Pieces
) -> None:
    served: dict[str, int] = {}
    done = threading.Event()

    def send(node_id: str, piece: bytes) -> None:
        served[node_id] = served.get(node_id, 0) + 1
        if len(served) == FLEET and sum(served.values()) == 2 * FLEET:
            done.set()

    desk = Counter(pieces, send, bytes_per_s=1 << 40)
    name = target(authority)
    for number in range(FLEET):
        for offset in (0, 32_768):
            desk.ask(Want(f"node-{number}", name, offset, 32_768))
    desk.start()
    assert done.wait(30)
    desk.stop()
    assert desk.dropped == 0
    assert pieces.cached_bytes < 3 * 33_000  # two pieces were made, for all of them


def test_a_node_that_asks_for_much_delays_nobody(pieces: Pieces) -> None:
    told: list[str] = []
    both = threading.Event()

    def send(node_id: str, _: bytes) -> None:
        told.append(node_id)
        if len(told) == counter.WANTS_EACH_MAX + 1:
            both.set()

    desk = Counter(pieces, send)
    for offset in range(1000):
        desk.ask(Want("greedy", "metadata/1.root.json", offset, 512))
    desk.ask(Want("modest", "metadata/1.root.json", 0, 512))
    desk.start()
    assert both.wait(10)
    desk.stop()
    assert told[1] == "modest"


def test_the_pace_is_kept(pieces: Pieces, authority: Authority) -> None:
    sent = 0
    over = threading.Event()

    def send(_: str, piece: bytes) -> None:
        nonlocal sent
        sent += len(piece)
        if sent > 400_000:
            over.set()

    desk = Counter(pieces, send, bytes_per_s=1_000)
    for number in range(100):
        desk.ask(Want(f"node-{number}", target(authority), 0, 32_768))
    desk.start()
    assert not over.wait(0.3)
    desk.stop()
    assert sent < 400_000
