"""What is in force: whole, verified files, and one small file that says which is which."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

INDEX_BYTES_MAX = 16 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """A file in force. Times are Unix milliseconds; ``None``: not known.

    Attributes:
        version: of the authority's list that named it.
        since_ms: from when on it is in force here, by the node's clock.
        confirmed_ms: when central's catalogue last said that there is no newer one, by its clock.
        path: where it lies; nobody writes to it.
    """

    name: str
    sha256: str
    length: int
    version: int
    since_ms: int
    confirmed_ms: int | None
    path: Path


class Shelf:
    """Written by the catalogue's thread; read by any. A reader sees the old state or the new."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; what is spoiled is not in force, and will be fetched again."""
        self._folder = folder
        self._targets: Mapping[str, Target] = _read(folder)
        self._leaving = _files(folder) - {one.sha256 for one in self._targets.values()}

    def current(self, name: str) -> Target | None:
        return self._targets.get(name)

    def all(self, prefix: str = "") -> list[Target]:
        """Those whose names begin so, in order of name."""
        known = self._targets
        return [known[name] for name in sorted(known) if name.startswith(prefix)]

    def read(self, name: str) -> bytes | None:
        """The content in force, whole or None: what has rotted since the start is not given."""
        target = self.current(name)
        if target is None:
            return None
        try:
            content = target.path.read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == target.sha256 else None

    def put(self, target: Target, whole: Path) -> None:
        """Put a verified file in force, which moves here. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        path = whole.replace(self._folder / target.sha256)
        self.confirm({**self._targets, target.name: replace(target, path=path)})

    def confirm(self, targets: Mapping[str, Target]) -> None:
        """Let exactly these be in force. Raises OSError; then all stays as it was."""
        if targets == self._targets:
            return
        _write(self._folder, targets)
        before, self._targets = self._targets, dict(targets)
        kept = {one.sha256 for one in targets.values()}
        for sha256 in self._leaving - kept:
            with suppress(OSError):
                (self._folder / sha256).unlink()
        # Whoever was just told of a file may open it yet: it goes with the next change.
        self._leaving = {one.sha256 for one in before.values()} - kept


def sha256_of(path: Path) -> str:
    """Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _files(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir() if not path.name.startswith("index")}
    except OSError:
        return set()


def _write(folder: Path, targets: Mapping[str, Target]) -> None:
    plain = [{**asdict(target), "path": None} for target in targets.values()]
    body = json.dumps(plain).encode()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / "index.draft"
    with draft.open("wb") as file:
        file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "index")
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(folder: Path) -> dict[str, Target]:
    found: dict[str, Target] = {}
    try:
        with (folder / "index").open("rb") as file:
            told, _, body = file.read(INDEX_BYTES_MAX).partition(b"\n")
        if told.decode() != hashlib.sha256(body).hexdigest():
            return {}
        entries: list[dict[str, Any]] = json.loads(body)
    except (OSError, ValueError):
        return {}
    for entry in entries:
        target = Target(**entry)
        target = replace(target, path=folder / target.sha256)
        with suppress(OSError):
            if sha256_of(target.path) == target.sha256:
                found[target.name] = target
    return found
