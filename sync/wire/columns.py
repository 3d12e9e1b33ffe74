"""Entries as columns: what is alike stands together, so that compression finds it."""

from itertools import pairwise
from typing import Any

from sync.wire.entries import Entry, Stamp
from sync.wire.errors import MalformedError
from sync.wire.limits import RECORDS_MAX

_ABSENT = 0  # index of "this body has no such field" in a presence row


def to_columns(entries: list[Entry]) -> list[Any]:
    """Give [kinds, kind of each, readings as differences, bounds, a table for each kind]."""
    kinds = sorted({entry.kind for entry in entries})
    bodies: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for entry in entries:
        bodies[entry.kind].append(entry.body)
    readings = [0, *(entry.stamp.reading_ms for entry in entries)]
    return [
        kinds,
        [kinds.index(entry.kind) for entry in entries],
        [after - before for before, after in pairwise(readings)],
        [_gap(entry.stamp.reading_ms, entry.stamp.not_before_ms) for entry in entries],
        [_gap(entry.stamp.reading_ms, entry.stamp.not_after_ms) for entry in entries],
        [_table(bodies[kind]) for kind in kinds],
    ]


def from_columns(columns: object) -> list[Entry]:
    """Raises MalformedError when it is not what ``to_columns`` gives."""
    try:
        return _entries(columns)
    except (ValueError, TypeError, IndexError, StopIteration, AttributeError) as error:
        raise MalformedError("not columns of entries") from error


def _gap(reading: int, bound: int | None) -> int | None:
    return None if bound is None else bound - reading


def _table(bodies: list[dict[str, Any]]) -> list[Any]:
    """Give [field names, for each field: presence of each body or 1, and the values present]."""
    names = sorted({name for body in bodies for name in body})
    table: list[Any] = [names]
    for name in names:
        present = [int(name in body) for body in bodies]
        values = [body[name] for body in bodies if name in body]
        table.append([1 if _ABSENT not in present else present, values])
    return table


def _rows(table: Any, count: int) -> list[dict[str, Any]]:
    names, *columns = table
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, (present, values) in zip(names, columns, strict=True):
        where = range(count) if present == 1 else [i for i, flag in enumerate(present) if flag]
        for index, value in zip(where, values, strict=True):
            rows[index][name] = value
    return rows


def _entries(columns: Any) -> list[Entry]:
    kinds, which, steps, early, late, tables = columns
    if not len(which) == len(steps) == len(early) == len(late) <= RECORDS_MAX:
        raise ValueError("columns of different lengths")
    bodies = [
        iter(_rows(table, which.count(index)))
        for index, table in zip(range(len(kinds)), tables, strict=True)
    ]
    entries: list[Entry] = []
    reading = 0
    for index, step, before, after in zip(which, steps, early, late, strict=True):
        reading += step
        stamp = Stamp(reading, _bound(reading, before), _bound(reading, after))
        entries.append(Entry(str(kinds[index]), stamp, next(bodies[index])))
    return entries


def _bound(reading: int, gap: int | None) -> int | None:
    return None if gap is None else reading + gap
