"""What "saved" costs: records a second through the real store, beside a raw write to its disk."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from edge.bench.report import Figure
from sync.store.database import open_database
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.writer import GroupWriter
from sync.wire.entries import Stamp
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.seal import new_opening_key

CALLERS = 32
_BASELINE = "write and fdatasync of one record's sealed bytes at a file's end, one at a time"
_DISTINCT = 256  # households made before the clock runs


@dataclass(frozen=True, slots=True)
class Plan:
    """Baseline and store take turns, round after round, so that a busy minute meets them all."""

    rounds: int
    turn_ms: int = 500


class Bench:
    """The real store in a folder, and a plain file beside it."""

    def __init__(self, folder: Path, store: Store, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._file = folder / "raw"
        self._chance = Random(0)  # noqa: S311  names acts, guards nothing
        self._records = [_household(number) for number in range(_DISTINCT)]
        for record in self._records:  # opens the stream, and tells what one takes when sealed
            store.write(record)
        rows = store.rows_in_order(0, _DISTINCT)
        self._bytes = os.urandom(sum(len(row.sealed) for row in rows) // len(rows))

    def raw(self, turn_ms: int) -> float:
        """Writes a second."""
        line = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            return self._rate(turn_ms, 1, lambda _: _durable(line, self._bytes))
        finally:
            os.close(line)

    def records(self, turn_ms: int, callers: int) -> float:
        """Records a second of all callers together; each waits for its own before the next."""
        return self._rate(turn_ms, callers, self._write)

    def _rate(self, turn_ms: int, callers: int, act: Callable[[int], None]) -> float:
        began_ms = self._now_ms()

        def call(_: int) -> int:
            done = 0
            while self._now_ms() - began_ms < turn_ms:
                act(done)
                done += 1
            return done

        with ThreadPoolExecutor(callers) as pool:
            done = sum(pool.map(call, range(callers)))
        return done * 1000 / (self._now_ms() - began_ms)

    def _write(self, number: int) -> None:
        # ``once`` as every form brings one: it costs an index of its own.
        self._store.write(self._records[number % _DISTINCT], once=self._chance.randbytes(16))


def measure(folder: Path, plan: Plan, now_ms: Callable[[], int]) -> list[Figure]:
    """Take turns in ``folder``, which decides the disk; each figure is the median of its rounds.

    ``now_ms`` never goes back. Raises StoreError or OSError when the disk refuses.
    """
    with _a_store(folder) as store:
        bench = Bench(folder, store, now_ms)
        rounds = [
            (
                bench.raw(plan.turn_ms),
                bench.records(plan.turn_ms, 1),
                bench.records(plan.turn_ms, CALLERS),
            )
            for _ in range(plan.rounds)
        ]
    raw, one, many = (median(column) for column in zip(*rounds, strict=True))
    figure = partial(Figure, unit="records/s", baseline=_BASELINE, baseline_value=raw)
    return [
        figure(name="one_caller", value=one, aim=">= 0.6"),
        figure(name=f"callers_{CALLERS}", value=many, aim=">= 1.5"),
    ]


@contextmanager
def _a_store(folder: Path) -> Iterator[Store]:
    path = folder / "outbox.db"
    db = open_database(path)
    prepare(db)
    segments = Segments("bench", new_opening_key().public(), os.urandom)
    store = Store("bench", GroupWriter(db), open_database(path), segments, lambda: Stamp(0))
    with closing(store):
        yield store


def _durable(line: int, data: bytes) -> None:
    os.write(line, data)
    os.fdatasync(line)


def _household(number: int) -> HouseholdRegistered:
    head = Member("Шевченко", f"Тарас {number}", "Петрович", "m", date(1980, 1, 1))
    spouse = Member("Шевченко", f"Ольга {number}", "Іванівна", "f", date(1982, 5, 3), "spouse")
    child = Member("Шевченко", f"Марія {number}", "Тарасівна", "f", date(2015, 9, 9), "child")
    return HouseholdRegistered(
        members=(head, spouse, child),
        origin="Харків",
        shelter="школа № 5",
        consent=True,
        registered_by="bench",
        displaced_on=date(2026, 11, 1),
        phone="+380501234567",
    )
