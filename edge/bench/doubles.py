"""How long a node looks for a household's doubles among its own, and which ones it finds.

Households are drawn from a seed; some are registered again with one thing changed, so that what
should be found is known. Times are of one thread, on the encrypted file that staff search.
"""

import secrets
import statistics
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import sqlcipher3
from rapidfuzz import fuzz, process
from sqlite_utils import Database

from edge.bench import households as drawing
from edge.bench.report import Figure
from localservices.registration import doubles, households, projection, sought
from localservices.registration.households import Known
from sync.merge.household import standing
from sync.merge.likeness import Facts, compare, facts_of
from sync.store.database import migrate, prepared, writing
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from sync.wire.places import Stream

_SEED, _STRANGERS_SEED = 1, 2
_ASKED, _SCANNED = 500, 10
_BASELINE = "every name on the node compared by rapidfuzz"
_READ_ALL = "every household's words looked through"


@dataclass(frozen=True, slots=True)
class Result:
    """Times in milliseconds; shares of 1.

    Attributes:
        recall: of households that came again with something changed, how many were found.
        precision: of all that were shown, how many were the household in question.
        strangers: of households that are not here, for how many a double was shown.
    """

    find_ms: list[float]
    scan_ms: list[float]
    search_ms: list[float]
    read_ms: list[float]
    recall: float
    precision: float
    strangers: float

    def figures(self) -> list[Figure]:
        scan, read = statistics.median(self.scan_ms), statistics.median(self.read_ms)
        return [
            Figure("find_median", statistics.median(self.find_ms), "ms", _BASELINE, scan, "< 1"),
            Figure("find_p99", _p99(self.find_ms), "ms", _BASELINE, scan, "< 150 ms"),
            Figure("search_p99", _p99(self.search_ms), "ms", _READ_ALL, read, "< 1"),
        ]


def measure(count: int, folder: Path, now_us: Callable[[], float]) -> Result:
    """Fill a working set with ``count`` households, then look for some of them."""
    chance = Random(_SEED)  # noqa: S311  people who do not exist
    kept = [_household(one.body) for one in drawing.households(_SEED, count)]
    with closing(_filled(folder / "working.db", kept)) as db:
        chosen = chance.sample(range(count), min(_ASKED, count))
        times: list[float] = []
        right = shown = 0
        for at in chosen:
            found = _timed(times, now_us, partial(_found, db, _changed(kept[at], chance)))
            right += _name(at) in found
            shown += len(found)
        met = [
            bool(_found(db, facts_of(_household(one.body))))
            for one in drawing.households(_STRANGERS_SEED, len(chosen))
        ]
        search, read = _searches(db, [kept[at] for at in chosen[:100]], now_us)
        return Result(
            find_ms=times,
            scan_ms=_scans(kept, now_us),
            search_ms=search,
            read_ms=read,
            recall=right / len(chosen),
            precision=right / max(1, shown),
            strangers=sum(met) / len(met),
        )


def _filled(path: Path, kept: list[HouseholdRegistered]) -> Database:
    connection = sqlcipher3.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    db = prepared(Database(connection))
    migrate(db, projection.projection.migrations)
    stream = Stream(bytes(8), Lane.PEOPLE)
    with writing(db):
        for at, household in enumerate(kept):
            households.add(db, Known(household, _name(at), stream, at + 1, 0))
            households.put(db, _name(at), standing(household, []))
            doubles.put(db, _name(at), household)
            sought.put(db, _name(at), household)
    return db


def _found(db: Database, facts: Facts) -> list[str]:
    near = doubles.candidates(db, facts)
    return [name for name, theirs in near.items() if compare(facts, theirs).is_likely]


def _searches(
    db: Database, some: list[HouseholdRegistered], now_us: Callable[[], float]
) -> tuple[list[float], list[float]]:
    search: list[float] = []
    read: list[float] = []
    for household in some:
        head = household.members[0]
        query, word = f"{head.given_name} {head.surname[:5]}", households.fold(head.surname[:5])
        _timed(search, now_us, partial(sought.matching, db, query, 51))
        _timed(read, now_us, partial(_read_through, db, word))
    return search, read


def _read_through(db: Database, word: str) -> list[Any]:
    asked = "SELECT n FROM households WHERE instr(sought, ?) > 0 ORDER BY n DESC"
    return list(db.conn.execute(asked, [word]))


def _scans(kept: list[HouseholdRegistered], now_us: Callable[[], float]) -> list[float]:
    names = [f"{one.surname} {one.given_name}" for each in kept for one in each.members]
    times: list[float] = []
    for name in names[:_SCANNED]:
        scan = partial(process.extract, name, names, scorer=fuzz.token_sort_ratio)
        _timed(times, now_us, scan)
    return times


def _timed(times: list[float], now_us: Callable[[], float], act: Callable[[], Any]) -> Any:
    begin = now_us()
    result = act()
    times.append((now_us() - begin) / 1000)
    return result


def _changed(household: HouseholdRegistered, chance: Random) -> Facts:
    """The household's head as somebody else wrote it down, without any number of the first time."""
    head = facts_of(household).people[0]
    born = head.born_on
    assert born is not None
    head = replace(head, tax_number="", document="")
    kind = chance.randrange(5)
    if kind == 0:
        head = replace(head, surname=_mistyped(head.surname, chance), patronymic="")
    elif kind == 1:
        head = replace(head, surname=head.given_name, given_name=head.surname)
    elif kind == 2:
        given_name = _mistyped(head.given_name, chance)
        head = replace(head, given_name=given_name, surname=_mistyped(head.surname, chance))
    elif kind == 3 and born.day <= 12:
        born_on = date(born.year, born.day, born.month)
        head = replace(head, born_on=born_on)
    else:
        head = replace(head, born_on=date(born.year, 1, 1))
    return Facts((head,), household.origin)


def _mistyped(name: str, chance: Random) -> str:
    at = chance.randrange(len(name) - 1)
    return chance.choice(
        [name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :]]
    )


def _household(body: dict[str, Any]) -> HouseholdRegistered:
    return HouseholdRegistered(
        members=tuple(map(_member, body["members"])),
        origin=body["origin"],
        shelter=body["shelter"],
        consent=True,
        registered_by=body["registered_by"],
        phone=body["phone"],
    )


def _member(told: dict[str, Any]) -> Member:
    return Member(
        told["surname"],
        told["given_name"],
        told["patronymic"],
        told["sex"],
        date.fromisoformat(told["born_on"]),
        None,
        told["tax_number"],
        told["document"]["number"],
    )


def _name(at: int) -> str:
    return f"node-0-000000-1-{at + 1}"


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]
