"""A node that follows a catalogue over a link that a test turns, and spoils what a test spoils."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.catalogue.follower import Catalogue, Pace, Surroundings
from sync.catalogue.look import Believed
from sync.catalogue.state import Problem
from sync.wire.pieces import Piece
from tests.catalogues import Authority


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@dataclass
class Follower:
    """A node in ``folder``; the same folder again is the same node restarted.

    Attributes:
        now: what its clock says. ``central``: what central told it of the time, if it did.
        mend: what happens to a file's bytes on the way; nothing at first.
        asked: (name, offset) of each want.
        weather: which pieces arrive when one is sent.
        cut_after: so many wants until the link goes away.
    """

    folder: Path
    authority: Authority
    now: datetime | None = None
    central: datetime | None = None
    up: bool = True
    room: bool = True
    cut_after: int | None = None
    mend: Callable[[str, bytes], bytes] = lambda _, data: data
    weather: Callable[[Piece], Iterable[Piece]] = lambda piece: [piece]
    asked: list[tuple[str, int]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    monotonic_ms: int = 0
    repository: Path | None = None  # another one than the authority's

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(
            self.folder,
            self.authority.root,
            Surroundings(
                self._believed,
                self._monotonic,
                lambda: 0.0,
                lambda: self.up,
                self._ask,
                lambda _: self.room,
            ),
            Pace(spread_ms=0, tick_ms=0),
        )
        self.catalogue.watch("", self.changed.append)

    def look(self) -> None:
        """Look now."""
        self.catalogue.look_soon()
        self.catalogue.step()

    def said(self, name: str) -> bytes | None:
        target = self.catalogue.current(name)
        return None if target is None else target.path.read_bytes()

    def problem(self) -> Problem | None:
        return self.catalogue.state().problem

    @property
    def fetched(self) -> list[str]:
        return [name for name, offset in self.asked if offset == 0]

    def restarted(self) -> "Follower":
        return Follower(self.folder, self.authority, self.now)

    def _monotonic(self) -> int:
        self.monotonic_ms += 10
        return self.monotonic_ms

    def _believed(self) -> Believed:
        now = self.now or self.authority.now + timedelta(minutes=1)
        passed = self.central or datetime(2026, 11, 1, tzinfo=UTC)
        return Believed(ms(now), ms(passed), self.central is not None)

    def _ask(self, name: str, offset: int, length: int) -> None:
        self.asked.append((name, offset))
        self.monotonic_ms += 500
        if self.cut_after is not None:
            self.cut_after -= 1
            self.up = self.cut_after > 0
        path = (self.repository or self.authority.repository) / name
        if path.is_file():
            whole = self.mend(name, path.read_bytes())
            piece = Piece(name, offset, len(whole), whole[offset : offset + length])
        else:
            piece = Piece(name, 0, None, b"")
        for arrived in self.weather(piece):
            self.catalogue.heard(arrived)
