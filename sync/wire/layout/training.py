"""A dictionary from records of one kind: what many of them share, and nothing that few do.

A dictionary goes to every node, so it may tell nothing of a person. A value enters it only if
several nodes wrote it, each on its own, or if it stands in a public list (of codes, say).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sync.wire import cbor
from sync.wire.layout import rewrites, texts, values
from sync.wire.layout.books import Written
from sync.wire.layout.dictionary import Dictionary

AT_LEAST = 5  # nodes that must share a value
_TABLE_MAX = 4096  # values; a public list may be longer
_WORTH = 0.4  # share of a column's values that a table must hold
_OF_LIST = 0.9  # share of a column's values that must stand in a public list
_SAMPLES = (20, 1000)  # records in the batches whose heads are worth knowing


@dataclass(frozen=True, slots=True)
class Sample:
    """A record's body and who wrote it."""

    node_id: str
    body: dict[str, Any]


def train(
    kind: str,
    samples: Sequence[Sample],
    public: Sequence[Sequence[str]] = (),
    at_least: int = AT_LEAST,
) -> Dictionary:
    """``public``: lists of codes that all may know; ``at_least``: nodes that share a value."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for sample in samples:
        for path, text in _texts(sample.body, kind):
            columns.setdefault(path, []).append((sample.node_id, text))
    tables: list[tuple[str, ...]] = []
    paths: dict[str, int] = {}
    for path, column in sorted(columns.items()):
        for name, table in _learned(path, column, public, at_least):
            if table not in tables:
                tables.append(table)
            paths[name] = tables.index(table)
    known = Dictionary(kind, tuple(tables), paths)
    bodies = [sample.body for sample in samples[: max(_SAMPLES)]]
    return Dictionary(kind, known.tables, known.paths, _heads(kind, bodies, known))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, rewrites.without_check(value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, f"{path}[]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}")


def _learned(
    path: str,
    column: list[tuple[str, str]],
    public: Sequence[Sequence[str]],
    at_least: int,
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give paths with their tables: the column's own, or those of its parts."""
    if all(rewrites.iso_days(text) is not None for _, text in column):
        return
    for listed in public:
        if _share(column, set(listed)) >= _OF_LIST:
            yield path, tuple(listed)
            return
    shared = _shared(column, at_least)
    if _share(column, set(shared)) >= _WORTH:
        yield path, shared
        return
    patterns = [(node_id, texts.pattern_of(text)) for node_id, text in column]
    if patterns != column:
        yield from _learned(f"{path}#", patterns, (), at_least)
        return
    words = [(node_id, word) for node_id, text in column for word in texts.words_of(text)]
    if len(words) > len(column):
        yield from _learned(f"{path}~", words, (), at_least)


def _shared(column: list[tuple[str, str]], at_least: int) -> tuple[str, ...]:
    """Values that so many nodes wrote, the most frequent first; a table's line each."""
    nodes = Counter(text for _, text in set(column))
    often = Counter(text for _, text in column)
    shared = [text for text, _ in often.most_common() if nodes[text] >= at_least]
    return tuple(text for text in shared if "\n" not in text)[:_TABLE_MAX]


def _share(column: list[tuple[str, str]], known: set[str]) -> float:
    return sum(text in known for _, text in column) / len(column)


def _heads(kind: str, bodies: Sequence[dict[str, Any]], known: Dictionary) -> bytes:
    """Heads of batches such as will come, without any text of their records."""
    kept = b""
    for size in reversed(_SAMPLES):
        out = Written(known)
        values.write(list(bodies[:size]), kind, out)
        heads = [head for head in out.heads if _is_bare(head)]
        kept += b"".join(cbor.encode(head) for head in heads)
    return kept


def _is_bare(head: Any) -> bool:
    """A number, or field names, which are of the kind and not of anybody."""
    if isinstance(head, list):
        return not any(isinstance(part, bytes) for part in head)
    return isinstance(head, int)
