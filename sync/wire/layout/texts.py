"""Columns of text: by their place in a table where they recur, else taken apart, else as text.

A text is taken apart into the runs of its digits, which are numbers, and the pattern around them;
or into its words. Patterns and words are columns of text again. A column begins with the text
itself where all are the same, else with the way that was taken.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from enum import IntEnum

from sync.wire.errors import MalformedError
from sync.wire.layout import rewrites
from sync.wire.layout.books import Read, Written

_DIGITS = re.compile(r"\d{1,15}", re.ASCII)
# Stand in a pattern for a run of digits: of any length without leading zero, or of a fixed one.
_ANY_LENGTH = 0xE000
_MARKS = re.compile("[\ue000-\ue00f]")
_LONG = 5  # runs from here on keep their length: they are identifiers rather than counts
_ALIKE = 0.5  # at most this share of different values, and they are listed once
_WORTH_LISTING = 4
_DEPTH_MAX = 10  # checked, listed, words, and for these again checked, listed, patterns, table


class Way(IntEnum):
    TEXT = 0  # all texts in one, and the length of each
    TABLE = 1  # which table, misses, their texts, place + 1 of each or 0 for a miss
    LISTED = 2  # how many different ones, these, place of each
    DATES = 3  # ordinals
    DIGITS = 4  # patterns, how many numbers stand in the longest, a column for each place
    WORDS = 5  # number of words of each, the words
    CHECKED = 6  # texts whose check digits are left out


def write(values: list[str], path: str, out: Written) -> None:
    if len(set(values)) == 1:
        out.put(values[0])
    elif rewrites.has_checks(values):
        out.put(Way.CHECKED)
        _listed_or_apart([rewrites.without_check(value) for value in values], path, out)
    elif (table := out.dictionary.paths.get(path)) is not None:
        _by_table(values, table, path, out)
    else:
        _listed_or_apart(values, path, out)


def read(count: int, book: Read, depth: int = 0) -> list[str]:
    """Raises MalformedError or OversizedError, and what values raise that are not as they must."""
    head = book.take()
    if type(head) is str:
        book.chars(len(head) * book.few(count))
        return [head] * count
    if depth > _DEPTH_MAX:
        raise MalformedError("text that is taken apart too often")
    texts = _READERS[Way(head)](count, book, depth + 1)
    book.chars(sum(map(len, texts)))
    return texts


def pattern_of(value: str) -> str:
    """The text with a mark for each run of digits."""
    return _DIGITS.sub(lambda run: _mark(run[0]), value)


def words_of(value: str) -> list[str]:
    return value.split(" ")


def _by_table(values: list[str], table: int, path: str, out: Written) -> None:
    places = out.dictionary.places[table]
    misses = [value for value in values if value not in places]
    out.put(Way.TABLE)
    out.put(table)
    out.put(len(misses))
    if misses:
        _listed_or_apart(misses, path, out)
    out.ints([places.get(value, -1) + 1 for value in values])


def _listed_or_apart(values: list[str], path: str, out: Written) -> None:
    distinct = list(dict.fromkeys(values))
    if len(values) < _WORTH_LISTING or len(distinct) > len(values) * _ALIKE:
        _apart(values, path, out)
        return
    distinct = [value for value, _ in Counter(values).most_common()]  # small places: few bits
    places = {value: place for place, value in enumerate(distinct)}
    out.put(Way.LISTED)
    out.put(len(distinct))
    _apart(distinct, path, out)
    out.ints([places[value] for value in values])


def _apart(values: list[str], path: str, out: Written) -> None:
    days = [day for value in values if (day := rewrites.iso_days(value)) is not None]
    if len(days) == len(values):
        out.put(Way.DATES)
        out.ints(days)
        return
    patterns = [pattern_of(value) for value in values]
    if _may_lose_digits(values, patterns) and _is_worth(patterns, f"{path}#", out):
        _by_digits(values, patterns, path, out)
        return
    words = [words_of(value) for value in values]
    flat = [word for line in words for word in line]
    if len(flat) > len(values) and _is_worth(flat, f"{path}~", out):
        out.put(Way.WORDS)
        out.ints([len(line) for line in words])
        write(flat, f"{path}~", out)
        return
    out.put(Way.TEXT)
    out.put("".join(values))
    out.ints([len(value) for value in values])


def _is_worth(parts: list[str], path: str, out: Written) -> bool:
    recur = len(set(parts)) <= max(1, len(parts) * _ALIKE)
    return recur or path in out.dictionary.paths or f"{path}~" in out.dictionary.paths


def _may_lose_digits(values: list[str], patterns: list[str]) -> bool:
    return values != patterns and not any(_MARKS.search(value) for value in values)


def _by_digits(values: list[str], patterns: list[str], path: str, out: Written) -> None:
    slots: list[list[int]] = []
    for value in values:
        for place, run in enumerate(_DIGITS.findall(value)):
            if place == len(slots):
                slots.append([])
            slots[place].append(int(run))
    out.put(Way.DIGITS)
    write(patterns, f"{path}#", out)
    for slot in slots:
        out.ints(slot)


def _mark(run: str) -> str:
    fixed = len(run) >= _LONG or (run[0] == "0" and len(run) > 1)
    return chr(_ANY_LENGTH + (len(run) if fixed else 0))


def _read_text(count: int, book: Read, _depth: int) -> list[str]:
    text = book.text()
    lengths = book.ints(count)
    if (lengths and min(lengths) < 0) or sum(lengths) != len(text):
        raise MalformedError("not the lengths of these texts")
    texts: list[str] = []
    at = 0
    for length in lengths:
        texts.append(text[at : at + length])
        at += length
    return texts


def _read_table(count: int, book: Read, depth: int) -> list[str]:
    table = book.take()
    if type(table) is not int or not 0 <= table < len(book.dictionary.tables):
        raise MalformedError("not a table of this dictionary")
    known = book.dictionary.tables[table]
    misses = book.count()
    rest = iter(read(misses, book, depth) if misses else ())
    places = book.places(count, len(known) + 1)
    return [known[place - 1] if place else next(rest) for place in places]


def _read_listed(count: int, book: Read, depth: int) -> list[str]:
    texts = read(book.count(), book, depth)
    return [texts[place] for place in book.places(count, len(texts))]


def _read_dates(count: int, book: Read, _depth: int) -> list[str]:
    return [rewrites.day_text(day) for day in book.ints(count)]


def _read_digits(count: int, book: Read, depth: int) -> list[str]:
    patterns = read(count, book, depth)
    marks = [_MARKS.findall(pattern) for pattern in patterns]
    deepest = max(map(len, marks), default=0)
    slots = [
        iter(book.ints(sum(len(found) > place for found in marks))) for place in range(deepest)
    ]
    return [_filled(pattern, found, slots) for pattern, found in zip(patterns, marks, strict=True)]


def _filled(pattern: str, marks: list[str], slots: list[Iterator[int]]) -> str:
    text, *after = _MARKS.split(pattern)
    for place, (mark, part) in enumerate(zip(marks, after, strict=True)):
        text += f"{next(slots[place]):0{ord(mark) - _ANY_LENGTH}d}{part}"
    return text


def _read_words(count: int, book: Read, depth: int) -> list[str]:
    lengths, total = book.lengths(count)
    words = iter(read(total, book, depth))
    return [" ".join([next(words) for _ in range(length)]) for length in lengths]


def _read_checked(count: int, book: Read, depth: int) -> list[str]:
    return [rewrites.with_check(text) for text in read(count, book, depth)]


_READERS: dict[Way, Callable[[int, Read, int], list[str]]] = {
    Way.TEXT: _read_text,
    Way.TABLE: _read_table,
    Way.LISTED: _read_listed,
    Way.DATES: _read_dates,
    Way.DIGITS: _read_digits,
    Way.WORDS: _read_words,
    Way.CHECKED: _read_checked,
}
