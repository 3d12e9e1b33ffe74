"""Follows central's catalogue on a thread of its own, and gives out what is in force.

Nothing waits for it: readers take what is there, with its age, and the pump only passes pieces on.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree

from tuf.api.exceptions import DownloadError, RepositoryError

from sync.catalogue import look, sharing, sources
from sync.catalogue.errand import Errand
from sync.catalogue.errors import AbsentError, TooLargeError
from sync.catalogue.look import Believed, Said
from sync.catalogue.shelf import Shelf, Target
from sync.catalogue.sources import TIMESTAMP, Brought, Neighbour, Road, Source
from sync.catalogue.state import STALE_MS, CatalogueState, Problem, Standing, TargetState
from sync.core.backoff import Backoff
from sync.wire import repository
from sync.wire.pieces import Piece

log = logging.getLogger(__name__)

Get = Callable[[str, int], Iterator[bytes]]

STOP_TIMEOUT_S = 3.0
NEIGHBOUR_EVERY_MS, NEIGHBOUR_MS_MAX = 3_600_000, 300_000
BROUGHT = "brought"  # the folder for what a courier brings


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, in milliseconds. Central tells of news; looking is for when that is lost.

    Attributes:
        spread_ms: thirty thousand nodes that hear the same news ask within this time.
    """

    look_every_ms: int = 6 * 3600 * 1000
    spread_ms: int = 60_000
    tick_ms: int = 1_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the catalogue needs of the node: the time, chance, the link, the disk."""

    believed: Callable[[], Believed]
    monotonic_ms: Callable[[], int]
    share: Callable[[], float]  # uniform in [0, 1)
    is_up: Callable[[], bool]
    ask: Callable[[str, int, int], None]  # name, offset, length: sends a want
    has_room: Callable[[int], bool]  # for so many bytes, beside what records need


class Catalogue:
    """What is in force, from any thread; ``start`` and ``stop`` once each.

    Attributes:
        neighbour: gives who is asked while there is no link: a file's bytes by name and offset.
    """

    def __init__(
        self, folder: Path, root: bytes, around: Surroundings, pace: Pace | None = None
    ) -> None:
        """``root`` is the metadata that this node was enrolled with."""
        self._folder, self._root, self._around = folder, root, around
        self._pace = pace or Pace()
        self._shelf = Shelf(folder / "files")
        self._errand = Errand(
            folder / "parts",
            around.ask,
            around.is_up,
            around.has_room,
            around.monotonic_ms,
            self._pace.tick_ms,
        )
        self._errand.on_news = self._news
        self._backoff = Backoff(around.share)
        self._watchers: list[tuple[str, Callable[[str], None]]] = []
        self._said = Said()
        self._problem: Problem | None = None
        self._made_ms = max((t.confirmed_ms or 0 for t in self._shelf.all()), default=0) or None
        self._due_ms: int | None = None  # None: there was no link since
        self.neighbour: Callable[[], Get | None] = lambda: None
        self._neighbour_due_ms = around.monotonic_ms()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    def current(self, name: str) -> Target | None:
        """The file in force under this name."""
        return self._shelf.current(name)

    def read(self, name: str) -> bytes | None:
        """The content in force under this name; None: nothing is, or the disk has spoiled it."""
        return self._shelf.read(name)

    def all(self, prefix: str = "") -> list[Target]:
        """The files in force whose names begin so."""
        return self._shelf.all(prefix)

    def watch(self, prefix: str, act: Callable[[str], None]) -> None:
        """Call ``act(name)`` on the catalogue's thread at each change. Said before ``start``."""
        self._watchers.append((prefix, act))

    def heard(self, piece: Piece) -> None:
        """Take a piece that came by any road."""
        self._errand.heard(piece)

    @property
    def brought(self) -> Path:
        """Where a courier puts files, laid out as central's repository; then ``look_soon``."""
        return self._folder / BROUGHT

    def look_soon(self) -> None:
        self._due_ms = self._around.monotonic_ms()
        self._wake.set()

    def state(self) -> CatalogueState:
        """How it stands now, for people."""
        said, now_ms = self._said, self._around.believed().now_ms
        states = [_state(target, said, now_ms) for target in self._shelf.all()]
        known = {state.name for state in states}
        states += [
            TargetState(name, Standing.COMING, target.length)
            for name, (target, _) in said.wanted.items()
            if name not in known
        ]
        return CatalogueState(tuple(states), self._problem, self._made_ms)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._errand.stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def step(self) -> None:
        """Do what is due: the thread's whole work, again and again."""
        if sources.lies_in(self.brought):
            before = self._problem
            self._look(Brought(self.brought))
            if self._problem is Problem.ROLLBACK:  # a courier came late: nobody's ill will
                self._problem = before
            rmtree(self.brought, ignore_errors=True)
        now_ms = self._around.monotonic_ms()
        if not self._around.is_up():
            self._due_ms = None
            self._ask_a_neighbour(now_ms)
            return
        if self._due_ms is None:  # a link at last; a node that has nothing yet asks at once
            self._due_ms = now_ms + (self._jitter_ms() if self._shelf.all() else 0)
        if now_ms >= self._due_ms:
            done = self._look(Road(self._errand))
            wait_ms = self._pace.look_every_ms if done else self._backoff.next_delay_ms()
            self._due_ms = self._around.monotonic_ms() + wait_ms + self._jitter_ms()

    def _ask_a_neighbour(self, now_ms: int) -> None:
        if now_ms < self._neighbour_due_ms or (get := self.neighbour()) is None:
            return
        until_ms = now_ms + NEIGHBOUR_MS_MAX

        def may_go_on() -> bool:
            is_time = self._around.monotonic_ms() < until_ms and not self._around.is_up()
            return is_time and not self._errand.stopping.is_set()

        parts = self._folder / "parts"
        done = self._look(Neighbour(get, parts, self._around.has_room, may_go_on))
        wait_ms = NEIGHBOUR_EVERY_MS if done else self._backoff.next_delay_ms()
        self._neighbour_due_ms = self._around.monotonic_ms() + wait_ms

    def shared(self, name: str) -> Path | None:
        """A file that a neighbour asks for, by central's name for it; None: it is not here."""
        return sharing.find(name, self._folder / "tuf", self._shelf.all())

    def _run(self) -> None:
        try:
            while not self._errand.stopping.is_set():
                self._wake.clear()
                self.step()
                self._wake.wait(self._pace.tick_ms / 1000)
        except Exception:
            # What is in force stays so, and the page says that nothing newer comes.
            log.exception("the catalogue broke down")
            self._problem = Problem.OURS

    def _look(self, source: Source) -> bool:
        """Whether all that is said now is here."""
        try:
            self._said = said = self._listen(source)
            if said.made_ms is None:
                return False
            self._made_ms = said.made_ms
            self._settle(said)
            missing = look.missing(self._shelf, said)
            brought = [self._bring(name, said, source) for name in missing]
        except (DownloadError, OSError) as error:
            self._end_early(error)
            return False
        if not all(brought):
            return False
        self._errand.forget()
        self._backoff.failures = 0
        return True

    def _listen(self, source: Source) -> Said:
        said = look.listen(self._folder / "tuf", source, self._root, self._around.believed())
        self._tell(said.problem)
        # Who has nothing new to say is still believed to want what they wanted last.
        return (
            said
            if said.made_ms is not None
            else replace(self._said, problem=said.problem, made_ms=None)
        )

    def _settle(self, said: Said) -> None:
        before = {target.name for target in self._shelf.all()}
        look.settle(self._shelf, said)
        for name in before - {target.name for target in self._shelf.all()}:
            self._changed(name)

    def _bring(self, name: str, said: Said, source: Source) -> bool:
        """Whether it is in force now; one that is not there or not right stops no other."""
        now_ms = self._around.believed().now_ms
        try:
            look.bring(name, said, self._shelf, source, now_ms, self._folder / "parts")
        except (AbsentError, TooLargeError, RepositoryError) as error:
            self._end_early(error)
            return False
        self._changed(name)
        return True

    def _changed(self, name: str) -> None:
        for prefix, act in self._watchers:
            if name.startswith(prefix):
                act(name)

    def _end_early(self, error: DownloadError | OSError | RepositoryError) -> None:
        problem = look.problem_of(error)
        if problem is not None:
            log.warning("the catalogue is not whole: %s", error)
            self._tell(problem)

    def _tell(self, problem: Problem | None) -> None:
        if problem is not None and problem is not self._problem:
            log.error("the catalogue is not renewed: %s", problem.value)
        self._problem = problem

    def _news(self, piece: Piece) -> None:
        """Central says unasked what its timestamp is: look soon, if that is newer."""
        if piece.name != TIMESTAMP or piece.total != len(piece.data):
            return
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            made_ms = json.loads(piece.data)["signed"][repository.MADE_AT]
            if self._due_ms is not None and made_ms > (self._made_ms or 0):
                soon_ms = self._around.monotonic_ms() + self._jitter_ms()
                self._due_ms = min(self._due_ms, soon_ms)

    def _jitter_ms(self) -> int:
        return int(self._around.share() * self._pace.spread_ms)


def _state(target: Target, said: Said, now_ms: int) -> TargetState:
    wanted = said.wanted.get(target.name)
    standing = Standing.IN_FORCE
    if target.confirmed_ms is None or now_ms - target.confirmed_ms > STALE_MS:
        standing = Standing.STALE
    if wanted is not None and wanted[0].hashes["sha256"] != target.sha256:
        standing = Standing.COMING
    if said.silent.get(repository.role_of(target.name) or "") is Problem.EXPIRED:
        standing = Standing.ENDED
    return TargetState(target.name, standing, target.length, target.since_ms, target.confirmed_ms)
