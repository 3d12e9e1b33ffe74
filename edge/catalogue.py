"""The node's catalogue joined to its link, its clock and those who use what is in force."""

import hashlib
import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from edge import clock
from edge.config import Config
from edge.timekeeping import Timekeeper
from localservices.facts import CatalogueFacts, FileFacts
from sync.catalogue.errors import AbsentError, CutError
from sync.catalogue.follower import BROUGHT, Catalogue, Get, Surroundings
from sync.catalogue.look import Believed
from sync.catalogue.shelf import Shelf
from sync.pump import Pump
from sync.transport import catalogue_stick, neighbour
from sync.transport.neighbour import NeighbourError
from sync.wire import keys
from sync.wire.errors import MalformedError
from sync.wire.keys import CentralKeys
from sync.wire.pieces import Piece, Want
from sync.wire.repository import CENTRAL_KEYS, DICTIONARIES

log = logging.getLogger(__name__)

Work = Callable[[Pump, int, int], None]
ROOM_BYTES_MIN = 64 * 1024 * 1024  # beyond what records are refused at: they go first


class OnShelf(Protocol):
    """Whoever says what is in force: a running catalogue, or its files alone."""

    def read(self, name: str) -> bytes | None: ...


class Following:
    """The catalogue of a node, and who uses it; without an enrolled root there is none.

    Attributes:
        central: whom to believe from this start on.
    """

    def __init__(
        self,
        config: Config,
        enrolled: CentralKeys,
        time: Timekeeper,
        inbox: "SimpleQueue[Work | None]",
    ) -> None:
        self._config, self._time, self._inbox = config, time, inbox
        self._pump: Pump | None = None
        root = _root(config.keys / "root.json")
        self.catalogue = None if root is None else self._open(root)
        self.central = enrolled
        if self.catalogue is not None:
            self.central = central_keys(self.catalogue, enrolled)

    def join(self, pump: Pump) -> None:
        """Let pieces in, wants out, and what comes into force reach those who use it."""
        catalogue, self._pump = self.catalogue, pump
        if catalogue is None:
            return
        pump.listeners[Piece] = lambda piece, _now_ms, _wall_ms: catalogue.heard(piece)
        pump.dictionaries.replace(_dictionaries(catalogue))
        catalogue.watch(CENTRAL_KEYS, lambda _: self._inbox.put(self._renew_keys))
        catalogue.watch(DICTIONARIES, lambda _: self._inbox.put(self._renew_dictionaries))

    def start(self, neighbours: Callable[[], Sequence[str]] = tuple) -> None:
        """``neighbours`` gives addresses of nodes on the local network, to ask without a link."""
        if self.catalogue is not None:
            self.catalogue.neighbour = lambda: _neighbour(neighbours())
            self.catalogue.start()

    def stop(self) -> None:
        if self.catalogue is not None:
            self.catalogue.stop()

    def files(self, below: str) -> Sequence[tuple[str, Path, int | None]]:
        """The files in force below a name, each with its own, and when that was last confirmed."""
        if self.catalogue is None:
            return ()
        found = self.catalogue.all(below)
        return [(target.name, target.path, target.confirmed_ms) for target in found]

    def read(self, name: str) -> bytes | None:
        """A file in force; None: there is none of that name."""
        return None if self.catalogue is None else self.catalogue.read(name)

    def shared(self, name: str) -> Path | None:
        """A file of the catalogue for a neighbour; None: it is not here."""
        return None if self.catalogue is None else self.catalogue.shared(name)

    @property
    def troubles(self) -> list[str]:
        """Codes for the home page, which points to ours."""
        is_in_trouble = self.catalogue is not None and self.catalogue.state().problem is not None
        return ["catalogue"] if is_in_trouble else []

    def facts(self) -> CatalogueFacts | None:
        """What the page shows; None: this node follows no catalogue."""
        if self.catalogue is None:
            return None
        state = self.catalogue.state()
        files = tuple(
            FileFacts(one.name, one.standing, one.length, one.since_ms, one.confirmed_ms)
            for one in state.targets
        )
        return CatalogueFacts(files, state.problem, state.made_ms)

    def _open(self, root: bytes) -> Catalogue:
        return Catalogue(
            folder_of(self._config, root),
            root,
            Surroundings(
                self._believed,
                clock.monotonic_ms,
                random.SystemRandom().random,
                lambda: self._pump is not None and self._pump.link.up,
                self._ask,
                self._has_room,
            ),
        )

    def _ask(self, name: str, offset: int, length: int) -> None:
        want = Want(self._config.node, name, offset, length)
        self._inbox.put(lambda pump, _now_ms, _wall_ms: pump.tell(want))

    def _believed(self) -> Believed:
        stamp = self._time.stamp()
        return Believed(stamp.reading_ms, stamp.not_before_ms or 0, self._time.heard)

    def _has_room(self, size: int) -> bool:
        disk = os.statvfs(self._config.data)
        least = self._config.free_mb_min * 1024**2 + ROOM_BYTES_MIN
        return disk.f_bavail * disk.f_frsize >= least + size

    def _renew_keys(self, pump: Pump, _now_ms: int, _wall_ms: int) -> None:
        if self.catalogue is not None and (told := _told(self.catalogue)) is not None:
            log.info("central's keys have changed: the catalogue says so")
            pump.believe(told)

    def _renew_dictionaries(self, pump: Pump, _now_ms: int, _wall_ms: int) -> None:
        if self.catalogue is not None:
            pump.dictionaries.replace(_dictionaries(self.catalogue))


def off_stick(config: Config, stick: Path) -> bool:
    """Lay a courier's catalogue where the node looks; whether there was one. Raises StickError."""
    root = _root(config.keys / "root.json")
    return root is not None and catalogue_stick.unload(stick, folder_of(config, root) / BROUGHT)


def central_keys(shelf: OnShelf, enrolled: CentralKeys) -> CentralKeys:
    """Central's keys as the catalogue has them, or as enrolled where it says nothing."""
    return _told(shelf) or enrolled


def _neighbour(addresses: Sequence[str]) -> Get | None:
    if not addresses:
        return None

    def get(name: str, offset: int) -> Iterator[bytes]:
        try:
            yield from neighbour.get(addresses[0], name, offset)
        except NeighbourError as error:
            raise (AbsentError if error.is_absent else CutError)(name) from error

    return get


def folder_of(config: Config, root: bytes) -> Path:
    """One for each root: a node that is enrolled elsewhere believes nothing of before."""
    return config.data / "catalogue" / hashlib.sha256(root).hexdigest()[:16]


def central_of(config: Config, enrolled: CentralKeys) -> CentralKeys:
    """Whom the node believes, for a program beside it."""
    root = _root(config.keys / "root.json")
    if root is None:
        return enrolled
    return central_keys(Shelf(folder_of(config, root) / "files"), enrolled)


def _told(shelf: OnShelf) -> CentralKeys | None:
    content = shelf.read(CENTRAL_KEYS)
    if content is None:
        return None
    try:
        return keys.read_central_keys(content.decode())
    except (UnicodeDecodeError, MalformedError):
        log.exception("central's keys in the catalogue are not taken")
        return None


def _dictionaries(catalogue: Catalogue) -> list[bytes]:
    """The oldest first."""
    targets = sorted(catalogue.all(DICTIONARIES), key=lambda target: target.since_ms)
    contents = [catalogue.read(target.name) for target in targets]
    return [content for content in contents if content is not None]


def _root(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
