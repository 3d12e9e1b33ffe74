"""Columns of any plain values: taken apart by type, maps by their names, lists by their lengths."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from sync.wire.errors import MalformedError, OversizedError
from sync.wire.layout import rewrites, texts
from sync.wire.layout.books import Read, Written
from sync.wire.limits import DEPTH_MAX

NAMES_MAX = 256  # in the maps of one column: where there are more, they are data, not fields


class Absent:
    """Stands in a column where a map has no such name."""


ABSENT = Absent()


class Sort(IntEnum):
    """What a value is. Columns begin with their sort, or with a list of those that are mixed."""

    ABSENT = 0
    NULL = 1
    BOOL = 2
    INT = 3
    TEXT = 4
    BYTES = 5
    LIST = 6
    MAP = 7
    OTHER = 8  # stands among the heads as it is


_SORTS: dict[type, Sort] = {
    Absent: Sort.ABSENT,
    type(None): Sort.NULL,
    bool: Sort.BOOL,
    int: Sort.INT,
    str: Sort.TEXT,
    bytes: Sort.BYTES,
    list: Sort.LIST,
    dict: Sort.MAP,
}


def write(values: list[Any], path: str, out: Written) -> None:
    """``path`` names the column in dictionaries."""
    if not values:
        return
    sorts = [_sort(value) for value in values]
    distinct = sorted(set(sorts))
    out.put(distinct[0] if len(distinct) == 1 else [int(sort) for sort in distinct])
    if len(distinct) > 1:
        out.ints([distinct.index(sort) for sort in sorts])
    for sort in distinct:
        its = [value for value, of in zip(values, sorts, strict=True) if of is sort]
        _WRITERS[sort](its, path, out)


def read(count: int, book: Read, depth: int = 0) -> list[Any]:
    """Give ``count`` values.

    Raises:
        MalformedError, OversizedError: not what ``write`` gives; also what Python raises for
        values that are not as they must be (ValueError, TypeError, KeyError, StopIteration).
    """
    if not count:
        return []
    if depth > DEPTH_MAX:
        raise MalformedError("nested too deep")
    head = book.take()
    if type(head) is int:
        return _READERS[Sort(head)](count, book, depth + 1)
    sorts = [Sort(sort) for sort in head]
    which = book.places(count, len(sorts))
    columns = [
        iter(_READERS[sort](which.count(n), book, depth + 1)) for n, sort in enumerate(sorts)
    ]
    return [next(columns[n]) for n in which]


def _sort(value: Any) -> Sort:
    sort = _SORTS.get(type(value), Sort.OTHER)
    if sort is Sort.MAP and not all(type(name) is str for name in value):
        return Sort.OTHER
    if sort is Sort.INT and not -(1 << 62) <= value < 1 << 62:
        return Sort.OTHER
    return sort


def _write_nothing(_values: list[Any], _path: str, _out: Written) -> None:
    """The sort says it all."""


def _write_numbers(values: list[int], _path: str, out: Written) -> None:
    out.ints([int(value) for value in values])


def _write_bytes(values: list[bytes], _path: str, out: Written) -> None:
    out.ints([len(value) for value in values])
    out.bytes(b"".join(values))


def _write_lists(values: list[list[Any]], path: str, out: Written) -> None:
    out.ints([len(value) for value in values])
    write([item for value in values for item in value], f"{path}[]", out)


def _write_maps(values: list[dict[str, Any]], path: str, out: Written) -> None:
    """Names, pairs of columns of which one follows from the other, then the columns."""
    names = sorted({name for value in values for name in value})
    if len(names) > NAMES_MAX:
        out.put(None)
        _write_others(values, path, out)
        return
    columns = {name: [value.get(name, ABSENT) for value in values] for name in names}
    pairs = rewrites.agreeing(columns)
    out.put(names)
    out.put([[names.index(number), names.index(born)] for number, born in pairs])
    for number, born in pairs:
        both = zip(columns[number], columns[born], strict=True)
        columns[number] = [rewrites.without_birth(*pair) for pair in both]
    for name in names:
        write(columns[name], f"{path}.{name}", out)


def _write_others(values: list[Any], _path: str, out: Written) -> None:
    out.heads += values


_WRITERS: dict[Sort, Callable[[list[Any], str, Written], None]] = {
    Sort.ABSENT: _write_nothing,
    Sort.NULL: _write_nothing,
    Sort.BOOL: _write_numbers,
    Sort.INT: _write_numbers,
    Sort.TEXT: texts.write,
    Sort.BYTES: _write_bytes,
    Sort.LIST: _write_lists,
    Sort.MAP: _write_maps,
    Sort.OTHER: _write_others,
}


def _read_bools(count: int, book: Read, _depth: int) -> list[Any]:
    return [bool(place) for place in book.places(count, 2)]


def _read_bytes(count: int, book: Read, _depth: int) -> list[Any]:
    lengths = book.ints(count)
    return [book.bytes(length) for length in lengths]


def _read_lists(count: int, book: Read, depth: int) -> list[Any]:
    lengths, total = book.lengths(count)
    items = iter(read(total, book, depth))
    return [[next(items) for _ in range(length)] for length in lengths]


def _read_maps(count: int, book: Read, depth: int) -> list[Any]:
    names = book.take()
    if names is None:
        return _read_others(count, book, depth)
    pairs = book.take()
    if len(names) > NAMES_MAX or not all(type(name) is str for name in names):
        raise OversizedError("not the names of fields")
    book.chars(sum(map(len, names)) * count)
    columns = [read(count, book, depth) for _ in names]
    for number, born in reversed(pairs):
        both = zip(columns[number], columns[born], strict=True)
        columns[number] = [rewrites.with_birth(*pair) for pair in both]
    rows: list[Any] = [{} for _ in range(book.few(count))]
    for name, column in zip(names, columns, strict=True):
        for row, value in zip(rows, column, strict=True):
            if value is not ABSENT:
                row[name] = value
    return rows


def _read_others(count: int, book: Read, _depth: int) -> list[Any]:
    return [book.take() for _ in range(book.few(count))]


_READERS: dict[Sort, Callable[[int, Read, int], list[Any]]] = {
    Sort.ABSENT: lambda count, book, _: [ABSENT] * book.few(count),
    Sort.NULL: lambda count, book, _: [None] * book.few(count),
    Sort.BOOL: _read_bools,
    Sort.INT: lambda count, book, _: list(book.ints(count)),
    Sort.TEXT: lambda count, book, _: list(texts.read(count, book)),
    Sort.BYTES: _read_bytes,
    Sort.LIST: _read_lists,
    Sort.MAP: _read_maps,
    Sort.OTHER: _read_others,
}
