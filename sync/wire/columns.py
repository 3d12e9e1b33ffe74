"""Entries as columns: what is alike stands together, so that it costs least."""

from itertools import pairwise
from typing import Any

from sync.wire.entries import Entry, Stamp
from sync.wire.errors import MalformedError
from sync.wire.layout import values
from sync.wire.layout.books import Read, Written
from sync.wire.layout.dictionary import Dictionary
from sync.wire.limits import RECORDS_MAX


def write(entries: list[Entry], dictionary: Dictionary) -> Written:
    """Kinds, readings as differences, bounds, then the bodies of each kind as one column."""
    out = Written(dictionary)
    kinds = sorted({entry.kind for entry in entries})
    out.put(kinds)
    out.ints([kinds.index(entry.kind) for entry in entries])
    readings = [entry.stamp.reading_ms for entry in entries]
    out.put(readings[0])
    values.write([after - before for before, after in pairwise(readings)], "", out)
    values.write([_gap(e.stamp.reading_ms, e.stamp.not_before_ms) for e in entries], "", out)
    values.write([_gap(e.stamp.reading_ms, e.stamp.not_after_ms) for e in entries], "", out)
    for kind in kinds:
        values.write([entry.body for entry in entries if entry.kind == kind], kind, out)
    return out


def read(count: int, book: Read) -> list[Entry]:
    """Raises MalformedError or OversizedError when it is not what ``write`` gives."""
    try:
        return _entries(count, book)
    except (ValueError, TypeError, LookupError, StopIteration, OverflowError) as error:
        raise MalformedError("not columns of entries") from error


def _entries(count: int, book: Read) -> list[Entry]:
    if not 1 <= count <= RECORDS_MAX:
        raise MalformedError("an impossible number of entries")
    kinds = book.take()
    which = book.places(count, len(kinds))
    readings = [book.take()]
    for step in values.read(count - 1, book):
        readings.append(readings[-1] + step)
    early, late = values.read(count, book), values.read(count, book)
    bodies = [iter(values.read(which.count(n), book)) for n in range(len(kinds))]
    if not book.is_used_up:
        raise MalformedError("more than columns of entries")
    return [
        Entry(_text(kinds[n]), Stamp(at, _bound(at, before), _bound(at, after)), _body(bodies[n]))
        for n, at, before, after in zip(which, readings, early, late, strict=True)
    ]


def _gap(reading: int, bound: int | None) -> int | None:
    return None if bound is None else bound - reading


def _bound(reading: int, gap: int | None) -> int | None:
    return None if gap is None else reading + gap


def _text(kind: Any) -> str:
    if type(kind) is not str:
        raise MalformedError("not a kind")
    return kind


def _body(bodies: Any) -> dict[str, Any]:
    body = next(bodies)
    if type(body) is not dict:
        raise MalformedError("not a body")
    return body
