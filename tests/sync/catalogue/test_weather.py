"""Through any weather services see one of the versions that were published, and last the newest."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sync.wire.pieces import Piece
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower

NAMES = ("trust/lists/eu.json", "notices/today.json", "forms/aid.json")


@dataclass
class Weather:
    """Loses, doubles, delays and spoils pieces by chance, and remembers them for later."""

    chance: random.Random
    severity: float = 0.4
    delayed: list[Piece] = field(default_factory=list)

    def __call__(self, piece: Piece) -> Iterable[Piece]:
        if self.chance.random() > self.severity:
            return [piece]
        if self.delayed and self.chance.random() < 0.5:
            self.delayed.append(piece)
            return [self.delayed.pop(0)]
        match self.chance.choice(["lost", "twice", "late", "spoiled", "short", "gone"]):
            case "twice":
                return [piece, piece]
            case "late":
                self.delayed.append(piece)
            case "spoiled" if piece.data:
                at = self.chance.randrange(len(piece.data))
                data = bytearray(piece.data)
                data[at] ^= 1 << self.chance.randrange(8)
                return [replace(piece, data=bytes(data))]
            case "short":
                return [replace(piece, data=piece.data[: len(piece.data) // 2])]
            case "gone":
                return [Piece(piece.name, 0, None, b"")]
            case _:
                pass  # lost
        return []


@dataclass
class Day:
    """One node, its authority and the weather, turned by one seed."""

    seed: int
    folder: Path

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.authority = Authority(self.folder / "authority")
        self.weather = Weather(self.chance)
        self.published: dict[str, list[bytes]] = {name: [] for name in NAMES}
        self.base = self.chance.randbytes(40_000)
        self.publish(NAMES[0])
        self.restart()

    def publish(self, name: str) -> None:
        at = self.chance.randrange(len(self.base))
        content = self.base[:at] + self.chance.randbytes(300) + self.base[at:]
        self.authority.publish(name, content)
        self.published[name].append(content)

    def restart(self) -> None:
        self.node = Follower(self.folder / "node", self.authority, weather=self.weather)

    def look(self, cut_after: int | None = None) -> None:
        self.node.up, self.node.cut_after = True, cut_after
        self.node.look()

    def step(self) -> None:
        match self.chance.choice(["publish", "look", "look", "look", "cut", "restart", "wait"]):
            case "publish":
                self.publish(self.chance.choice(NAMES))
            case "restart":
                self.restart()
            case "wait":
                self.authority.wait(hours=self.chance.randrange(60))
                self.authority.refresh()
            case "cut":
                self.look(self.chance.randrange(2, 30))
            case _:
                self.look()
        self.check()

    def check(self) -> None:
        for name, versions in self.published.items():
            content = self.node.said(name)
            assert content is None or content in versions

    def end(self) -> None:
        """The weather clears: whatever was published last is in force."""
        self.weather.severity = 0.0
        self.publish(NAMES[0])
        for _ in range(3):
            self.look()
        self.check()
        assert {name: self.node.said(name) for name in NAMES} == {
            name: versions[-1] if versions else None for name, versions in self.published.items()
        }
        assert self.node.problem() is None


def a_day(seed: int, folder: Path) -> None:
    day = Day(seed, folder)
    for _ in range(25):
        day.step()
    day.end()


@pytest.mark.parametrize("seed", range(6))
def test_services_see_the_old_or_the_new_and_never_a_mixture(seed: int, tmp_path: Path) -> None:
    a_day(seed, tmp_path)


@pytest.mark.long
def test_the_same_through_many_days(tmp_path: Path) -> None:
    for seed in range(100, 500):
        a_day(seed, tmp_path / str(seed))
