"""A registry as large as a country's: its bytes, how fast documents are found, and its changes.

Documents are generated from a seed; their statuses are drawn as those of real papers might stand.
"""

import math
import mmap
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from edge.bench.report import Figure
from sync.wire.registry import delta, form, lookup
from sync.wire.registry.building import Builder
from sync.wire.registry.delta import Delta
from sync.wire.registry.form import HASH_BITS, Head
from sync.wire.registry.lookup import Registry

STATUSES = {form.STANDS: 96, form.SUSPENDED: 1, form.REVOKED: 3}  # of a hundred
CHANGED_A_DAY = 20_000
_SEED = 1
_LOOKS = 20_000  # timed, warm
_COLD_LOOKS = 500
_CHANGED = (CHANGED_A_DAY, 90 * CHANGED_A_DAY)

Ticks = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many documents, and how many strangers are looked for among them."""

    documents: int = 19_000_000
    probes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds for one look."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Result:
    """Bits are for one document or one change."""

    documents: int
    bytes: int
    bits: float
    limit_bits: float
    warm: Times
    cold: Times
    probes: int
    false_accepts: int
    deltas: tuple[tuple[int, float, float], ...]  # changes, bits, limit
    read_ms: float  # a page's worth of the file at random, as the baseline of a cold look

    def figures(self) -> list[Figure]:
        told = [
            Figure(
                "registry", self.bits, "bits", "the information in it", self.limit_bits, "<= 1.3"
            )
        ]
        return told + [
            Figure(f"delta_{count}", bits, "bits", "the information in it", limit, "<= 1.5")
            for count, bits, limit in self.deltas
        ]


def measure(plan: Plan, folder: Path, ticks: Ticks, now_us: Callable[[], float]) -> Result:
    """``folder`` takes the file; ``ticks`` hears of work done, out of ``work(plan)``."""
    hashes = _hashes(_SEED)
    builder = Builder()
    statuses: Counter[int] = Counter()
    kinds, weights = list(STATUSES), list(STATUSES.values())
    chance = _chance(_SEED)
    for _ in range(plan.documents // 1_000):
        for status in chance.choices(kinds, weights, k=1_000):
            statuses[status] += 1
            builder.add(next(hashes), status)
        ticks(1_000)
    head = Head("bench", bytes(16), ("passport",), 0, 0, bytes(8))
    written = builder.write(head, ticks)
    path = folder / "registry"
    with path.open("wb") as file:
        for part in (written.head, written.index, written.buckets, written.statuses):
            file.write(part)
        os.fsync(file.fileno())
    size = written.size
    del written, builder
    with (
        path.open("rb") as whole,
        mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        registry = lookup.opened(view)
        return _measured(registry, statuses, size, (plan, whole.fileno()), (ticks, now_us))


def work(plan: Plan) -> int:
    return 2 * (plan.documents // 1_000 * 1_000) + plan.probes


def as_text(result: Result) -> str:
    warm, cold = result.warm, result.cold
    return (
        f"{result.documents:,} documents in {result.bytes:,} bytes; a look takes"
        f" {warm.p50:.0f} us, 99 of 100 at most {warm.p99:.0f} us; from the disk"
        f" {cold.p50:.0f} and {cold.p99:.0f} us (one page of it {1000 * result.read_ms:.0f} us);"
        f" of {result.probes:,} strangers {result.false_accepts} were found"
    )


def _measured(
    registry: Registry,
    statuses: Counter[int],
    size: int,
    files: tuple[Plan, int],
    watch: tuple[Ticks, Callable[[], float]],
) -> Result:
    plan, descriptor = files
    ticks, now_us = watch
    count = registry.head.count
    known = [one for one, _ in zip(_hashes(_SEED), range(_LOOKS), strict=False)]
    cold, read_ms = _cold(registry, known[:_COLD_LOOKS], descriptor, now_us)
    warm = _times([_took(registry, hashed, now_us) for hashed in known])
    return Result(
        documents=count,
        bytes=size,
        bits=8 * size / count,
        limit_bits=_limit(count, registry.head.universe, statuses) / count,
        warm=warm,
        cold=cold,
        probes=plan.probes,
        false_accepts=_false_accepts(registry, plan.probes, ticks),
        deltas=tuple(_delta(registry, changed) for changed in _CHANGED if changed < count),
        read_ms=read_ms,
    )


def _cold(
    registry: Registry, known: list[int], descriptor: int, now_us: Callable[[], float]
) -> tuple[Times, float]:
    """Each look after the kernel was told to forget the file, beside reading a page of it."""
    took, pages = [], []
    size, chance = os.fstat(descriptor).st_size, _chance(_SEED)
    for hashed in known:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        took.append(_took(registry, hashed, now_us))
        at = chance.randrange(max(1, size // mmap.PAGESIZE)) * mmap.PAGESIZE
        begin = now_us()
        os.pread(descriptor, mmap.PAGESIZE, at)
        pages.append(now_us() - begin)
    return _times(took), sorted(pages)[len(pages) // 2] / 1000


def _took(registry: Registry, hashed: int, now_us: Callable[[], float]) -> float:
    begin = now_us()
    rank = registry.rank(hashed)
    if rank is None:
        raise AssertionError("a document that was put in is not there")
    registry.status(rank)
    return now_us() - begin


def _times(took: list[float]) -> Times:
    took.sort()
    return Times(took[len(took) // 2], took[len(took) * 99 // 100])


def _false_accepts(registry: Registry, probes: int, ticks: Ticks) -> int:
    strangers, found = _hashes(_SEED + 1), 0
    for done in range(probes):
        found += registry.rank(next(strangers)) is not None
        if done % 1_000 == 999:
            ticks(1_000)
    return found


def _delta(registry: Registry, changes: int) -> tuple[int, float, float]:
    """So many statuses changed; (how many, bits each, the least that could be)."""
    count, chance = registry.head.count, _chance(changes)
    ranks = chance.sample(range(count), changes)
    changed = {rank: chance.choice((form.SUSPENDED, form.REVOKED)) for rank in ranks}
    told = Delta("bench", bytes(16), 0, changed, {})
    bits = 8 * len(delta.encode(told, count, registry.head.universe)) / changes
    return changes, bits, _choose_bits(count, changes) / changes + 1.0  # one of two statuses


def _limit(count: int, universe: int, statuses: Counter[int]) -> float:
    """Bits that any code needs for so many places out of all, and for their statuses."""
    total = sum(statuses.values())
    told = -sum(number * math.log2(number / total) for number in statuses.values())
    return _choose_bits(universe, count) + told * count / total


def _choose_bits(whole: int, part: int) -> float:
    """log2 of how many ways there are; by Stirling, for a universe has too many for lgamma."""
    share = part / whole
    return part * math.log2(1 / share) - (whole - part) * math.log1p(-share) / math.log(2)


def _hashes(seed: int) -> Iterator[int]:
    chance = _chance(seed)
    while True:
        yield chance.getrandbits(HASH_BITS)


def _chance(seed: int) -> Random:
    return Random(f"registry {seed}")  # noqa: S311  a bench keeps no secrets
