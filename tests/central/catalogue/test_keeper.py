"""A running central keeps the catalogue fresh by itself and tells each node once of what is new."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Metadata, Timestamp

from central.catalogue.counter import Counter, Pieces
from central.catalogue.edition import TIMESTAMP
from central.catalogue.keeper import REFRESH_EVERY_MS, Keeper
from sync.wire import repository
from tests.catalogues import Authority

NODES = ("n-1", "n-2", "n-3")


@dataclass
class Central:
    """A central's catalogue whose clocks a test turns."""

    authority: Authority
    monotonic_ms: int = 0
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._all_told = threading.Semaphore(0)
        pieces = Pieces(self.authority.repository, Ed25519PrivateKey.generate())
        self.counter = Counter(pieces, self._send)
        self.keeper = Keeper(
            self.authority.publisher,
            self.counter,
            lambda: NODES,
            lambda: self.authority.now,
            lambda: self.monotonic_ms,
        )
        self.counter.start()

    def wait(self, **span: int) -> None:
        self.authority.wait(**span)
        self.monotonic_ms += int(timedelta(**span).total_seconds() * 1000)

    def expect_told(self, count: int) -> None:
        for _ in range(count):
            assert self._all_told.acquire(timeout=10)

    def _send(self, node_id: str, _: bytes) -> None:
        self.told.append(node_id)
        self._all_told.release()


@pytest.fixture
def central(tmp_path: Path) -> Central:
    return Central(Authority(tmp_path, repository.ONLINE))


def test_each_node_is_told_once_of_what_is_new(central: Central) -> None:
    central.keeper.look()
    central.expect_told(3)
    central.keeper.look()
    central.authority.publish("notices/today.json", b"{}")
    central.keeper.look()
    central.expect_told(3)
    central.counter.stop()
    assert sorted(central.told) == sorted(NODES * 2)


def test_the_timestamp_never_ends_while_central_runs(central: Central) -> None:
    for _ in range(24 * 6 * 5):
        central.wait(milliseconds=REFRESH_EVERY_MS)
        central.keeper.look()
        data = (central.authority.repository / TIMESTAMP).read_bytes()
        ends = Metadata[Timestamp].from_bytes(data).signed.expires
        assert ends - central.authority.now > timedelta(hours=12)
    central.counter.stop()


def test_an_offline_signature_that_ends_is_told_once(
    central: Central, caplog: pytest.LogCaptureFixture
) -> None:
    central.keeper.look()
    central.wait(days=680)
    for _ in range(3):
        central.wait(hours=1)
        central.keeper.look()
    central.counter.stop()
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said.startswith("Signatures end: central-keys on ")


def test_a_central_of_before_the_catalogue_does_nothing(tmp_path: Path) -> None:
    counter = Counter(Pieces(tmp_path, Ed25519PrivateKey.generate()), lambda *_: None)
    authority = Authority(tmp_path / "a")
    authority.publisher = type(authority.publisher)(tmp_path / "none", tmp_path / "keys")
    now = authority.now
    Keeper(authority.publisher, counter, lambda: NODES, lambda: now, lambda: 0).look()
    assert not (tmp_path / "none").exists()
