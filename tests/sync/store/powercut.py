"""A disk that loses power: what was not synced is lost, torn or out of order; what was, stays.

An SQLite file system of our own, in memory. Every write, truncation, creation and deletion waits
until its file (or its folder) is synced. At the cut, a part of what waits has reached the disk:
any part, sector by sector, in any order.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

import apsw

SECTOR = 512


class PowerCut(BaseException):
    """The machine is off."""


class Loss(StrEnum):
    """What has become of writes that were not synced."""

    ALL = auto()  # none of them arrived
    TAIL = auto()  # they arrived in order, up to some point, the last one torn
    ANY = auto()  # each sector arrived or not, whatever came before
    GARBAGE = auto()  # as ANY, and some sectors hold what nobody wrote


@dataclass(frozen=True)
class Waiting:
    """A change that no sync has made last. ``data`` None: the file was cut to ``at`` bytes."""

    name: str
    at: int
    data: bytes | None


@dataclass
class Disk:
    """``seen`` is what a running machine reads, ``kept`` what is there after the power is back."""

    chance: random.Random
    kept: dict[str, bytearray] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    steps_left: int | None = None

    def __post_init__(self) -> None:
        self.seen = {name: bytearray(data) for name, data in self.kept.items()}

    def step(self) -> None:
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left <= 0:
                raise PowerCut

    def change(self, change: Waiting) -> None:
        self.step()
        _apply(self.seen[change.name], change.at, change.data)
        self.waiting.append(change)

    def create(self, name: str) -> None:
        # A new file's name lasts with its first sync, as ext4 has it.
        self.step()
        self.seen[name] = bytearray()

    def delete(self, name: str, *, lasts: bool) -> None:
        self.step()
        self.seen.pop(name, None)
        self.waiting = [change for change in self.waiting if change.name != name]
        if lasts or self.chance.random() < 0.5:
            self.kept.pop(name, None)

    def sync(self, name: str) -> None:
        self.step()
        for change in self.waiting:
            if change.name == name:
                self._keep(change)
        self.kept.setdefault(name, bytearray())
        self.waiting = [change for change in self.waiting if change.name != name]

    def after(self, loss: Loss) -> "Disk":
        """The disk as the next start finds it."""
        arrived = self.waiting
        if loss is Loss.ALL:
            arrived = []
        elif loss is Loss.TAIL:
            arrived = arrived[: self.chance.randrange(len(arrived) + 1)]
        for number, change in enumerate(arrived, start=1):
            torn = loss in (Loss.ANY, Loss.GARBAGE) or number == len(arrived)
            for part in self._torn(change, loss) if torn else [change]:
                self._keep(part)
        return Disk(self.chance, self.kept)

    def _keep(self, change: Waiting) -> None:
        _apply(self.kept.setdefault(change.name, bytearray()), change.at, change.data)

    def _torn(self, change: Waiting, loss: Loss) -> Iterable[Waiting]:
        if change.data is None:
            return [change] if self.chance.random() < 0.5 else []
        parts = []
        at, end = change.at, change.at + len(change.data)
        while at < end:
            stop = min((at // SECTOR + 1) * SECTOR, end)
            data = change.data[at - change.at : stop - change.at]
            if loss is Loss.GARBAGE and self.chance.random() < 0.1:
                data = self.chance.randbytes(len(data))
            if self.chance.random() < 0.5:
                parts.append(Waiting(change.name, at, data))
            at = stop
        return parts


class _File:
    def __init__(self, disk: Disk, name: str) -> None:
        self._disk, self._name = disk, name

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802  SQLite's names
        return bytes(self._disk.seen[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.change(Waiting(self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.change(Waiting(self._name, size, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.sync(self._name)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._disk.seen[self._name])

    def xLock(self, level: int) -> None: ...  # noqa: N802

    def xUnlock(self, level: int) -> None: ...  # noqa: N802

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)

    def xClose(self) -> None: ...  # noqa: N802


class Filesystem(apsw.VFS):
    """Point ``disk`` at the disk that the next connection shall live on."""

    NAME = "nezlam-powercut"

    def __init__(self) -> None:
        self.disk = Disk(random.Random(0))
        super().__init__(self.NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        short = _short(path or f"temporary-{self.disk.chance.getrandbits(60)}")
        if short not in self.disk.seen:
            self.disk.create(short)
        return _File(self.disk, short)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        self.disk.delete(_short(name), lasts=sync_folder)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802
        return _short(name) in self.disk.seen

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return "/" + _short(name)


class Rows:
    """A statement's answer, as the store reads it."""

    def __init__(self, rows: list[tuple[Any, ...]], lastrowid: int, rowcount: int) -> None:
        self.lastrowid = lastrowid
        self.rowcount = rowcount
        self._rows = iter(rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)

    def __iter__(self) -> Any:
        return self._rows

    def close(self) -> None: ...


class Connection:
    """As much of a ``sqlite3.Connection`` as the store uses, on the disk that can lose power."""

    isolation_level = None

    def __init__(self) -> None:
        self._own = apsw.Connection("outbox.db", vfs=Filesystem.NAME)
        # No shared memory in this file system: one connection has the WAL to itself.
        self._own.execute("PRAGMA locking_mode=EXCLUSIVE")

    def execute(self, sql: str, parameters: Any = ()) -> Rows:
        rows = list(self._own.execute(sql, parameters))
        return Rows(rows, self._own.last_insert_rowid(), self._own.changes())

    @property
    def in_transaction(self) -> bool:
        return bool(self._own.in_transaction)

    def close(self) -> None:
        self._own.close(True)


def _apply(file: bytearray, at: int, data: bytes | None) -> None:
    if data is None and at < len(file):
        del file[at:]
        return
    if len(file) < at:
        file.extend(bytes(at - len(file)))
    if data is not None:
        file[at : at + len(data)] = data


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]
