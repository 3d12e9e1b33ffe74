"""One look at the catalogue: what is said now, by whom, and which files that takes."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile

from sync.catalogue.errors import NO_ROOM, AbsentError, NoRoomError, TooLargeError
from sync.catalogue.reader import Reader, moment
from sync.catalogue.shelf import Shelf, Target
from sync.catalogue.sources import Source
from sync.catalogue.state import Problem
from sync.wire import patch, repository
from sync.wire.errors import WireError
from sync.wire.repository import PATHS, TARGETS

log = logging.getLogger(__name__)

FOLLOWED = tuple(role for role in PATHS if role != "software")  # that one is fetched when wanted


@dataclass(frozen=True, slots=True)
class Believed:
    """What time it may be. ``passed_ms`` has surely passed; ``heard``: central said so lately."""

    wall_ms: int
    passed_ms: int
    heard: bool

    @property
    def now_ms(self) -> int:
        return max(self.wall_ms, self.passed_ms)


@dataclass(slots=True)
class Said:
    """What the catalogue says now, as far as it is believed.

    Attributes:
        wanted: what should be in force, and the version of the list that names it.
        silent: authorities whose word could not be taken, and why.
    """

    made_ms: int | None = None
    wanted: dict[str, tuple[TargetFile, int]] = field(default_factory=dict)
    silent: dict[str, Problem] = field(default_factory=dict)
    problem: Problem | None = None


def listen(
    folder: Path, source: Source, root: bytes, believed: Believed, roles: tuple[str, ...] = FOLLOWED
) -> Said:
    """Read the metadata. Raises DownloadError, OSError: it did not come."""
    said = Said()
    try:
        reader = Reader(folder, source.metadata, root, moment(believed.now_ms))
    except RepositoryError as error:
        said.problem = _problem(error)
        return said
    try:
        reader.refresh()
        said.made_ms = reader.made_ms
    except RepositoryError as error:
        is_end = isinstance(error, ExpiredMetadataError)
        said.problem = _ended(reader, believed) if is_end else _problem(error)
        log.warning("the catalogue is not taken: %s", error)
        return said
    for role in roles:
        _listen_to(role, reader, said)
    return said


def _listen_to(role: str, reader: Reader, said: Said) -> None:
    try:
        targets = reader.targets_of(role)
    except RepositoryError as error:
        said.silent[role] = _problem(error)
        said.problem = said.problem or said.silent[role]
        log.warning("the catalogue's %s is not taken: %s", role, error)
        return
    version = reader.version_of(role)
    for name, target in targets.items():
        if repository.role_of(name) == role and "sha256" in target.hashes:
            said.wanted[name] = target, version


def settle(shelf: Shelf, said: Said) -> None:
    """Confirm what is still the newest, and drop what was withdrawn. Raises OSError."""
    kept = {}
    for target in shelf.all():
        found = said.wanted.get(target.name)
        if found is not None and found[0].hashes["sha256"] == target.sha256:
            kept[target.name] = replace(target, confirmed_ms=said.made_ms)
        elif found is not None or repository.role_of(target.name) in said.silent:
            kept[target.name] = target
    shelf.confirm(kept)


def missing(shelf: Shelf, said: Said) -> list[str]:
    """What is to be fetched, the most needed first."""
    return [
        name
        for name, (target, _) in said.wanted.items()
        if (here := shelf.current(name)) is None or here.sha256 != target.hashes["sha256"]
    ]


def bring(name: str, said: Said, shelf: Shelf, source: Source, now_ms: int, parts: Path) -> None:
    """Fetch one file and put it in force, all of it or nothing.

    Raises:
        LengthOrHashMismatchError: it is not what was promised.
        DownloadError, OSError: it did not come, or has no room.
    """
    target, version = said.wanted[name]
    here = shelf.current(name)
    whole = None
    if here is not None:
        whole = _patched(here, target, source, parts)
    if whole is None:
        folder, _, last = name.rpartition("/")
        sha256 = target.hashes["sha256"]
        whole = source.whole(f"{TARGETS}/{folder}/{sha256}.{last}", target.length)
        _must_be(whole, target)
    shelf.put(
        Target(name, target.hashes["sha256"], target.length, version, now_ms, said.made_ms, whole),
        whole,
    )
    log.info("%s is in force, %d bytes", name, target.length)


def _patched(here: Target, target: TargetFile, source: Source, parts: Path) -> Path | None:
    """The new version out of the old one and what changed; None: the whole must come."""
    if max(here.length, target.length) > patch.FILE_BYTES_MAX:
        return None
    sha256 = target.hashes["sha256"]
    whole = parts / f"{sha256}.patched"
    try:
        delta = source.whole(repository.delta_name(here.sha256, sha256), target.length)
        changed = delta.read_bytes()
        delta.unlink()
        whole.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole.write_bytes(patch.apply(here.path.read_bytes(), changed, target.length))
        _must_be(whole, target)
    except (AbsentError, TooLargeError, WireError, LengthOrHashMismatchError) as error:
        log.info("no delta serves for %s: the whole is fetched (%s)", here.name, error)
        return None
    return whole


def _must_be(whole: Path, target: TargetFile) -> None:
    try:
        with whole.open("rb") as file:
            target.verify_length_and_hashes(file)
    except LengthOrHashMismatchError:
        with suppress(OSError):
            whole.unlink()
        raise


def _ended(reader: Reader, believed: Believed) -> Problem:
    if believed.heard and reader.would_serve_at(believed.passed_ms):
        return Problem.CLOCK
    return Problem.FROZEN if reader.is_frozen() else Problem.EXPIRED


def _problem(error: Exception) -> Problem:
    kinds: list[tuple[type[Exception], Problem]] = [
        (ExpiredMetadataError, Problem.EXPIRED),
        (BadVersionNumberError, Problem.ROLLBACK),
        (LengthOrHashMismatchError, Problem.MIXED),
        (UnsignedMetadataError, Problem.FORGED),
    ]
    return next((found for kind, found in kinds if isinstance(error, kind)), Problem.SPOILED)


def problem_of(error: DownloadError | OSError | RepositoryError) -> Problem | None:
    """What to tell people of a look that ended early; None: only the link was cut."""
    if isinstance(error, RepositoryError):
        return _problem(error)
    if isinstance(error, OSError):
        return Problem.NO_ROOM if error.errno in NO_ROOM else Problem.OURS
    return Problem.NO_ROOM if isinstance(error, NoRoomError) else None
