"""What both ends know of a kind's values before a batch: tables of them, and a zstd prefix."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sync.wire import cbor, compress
from sync.wire.compress import Prefix
from sync.wire.errors import MalformedError, OversizedError

DICTIONARY_BYTES_MAX = 1024 * 1024
NAME_BYTES = 8  # of its SHA-256: whoever could find two alike would have to be trusted first
_PLAIN_BYTES_MAX = 8 * 1024 * 1024
_LEVEL = 19  # made once, and carried to every node
_VERSION = 1
_PREFIX_BYTES_MIN = 8  # a shorter one zstd refuses


@dataclass(frozen=True)
class Dictionary:
    """Built once from its bytes, whose hash is its name; equal bytes, equal dictionary.

    Attributes:
        kind: of the records that it is for.
        tables: values, the most frequent first.
        paths: which table a column's values are found in; a path is the kind, then ``.name`` for
            a field, ``[]`` for a list's items, ``#`` for a text's pattern, ``~`` for its words.
        text: heads of batches that are usual.
    """

    kind: str = ""
    tables: tuple[tuple[str, ...], ...] = ()
    paths: dict[str, int] = field(default_factory=dict)
    text: bytes = b""

    @cached_property
    def encoded(self) -> bytes:
        tables = ["\n".join(table) for table in self.tables]
        return compress.compress(
            cbor.encode([_VERSION, self.kind, tables, self.paths, self.text]), _LEVEL
        )

    @cached_property
    def name(self) -> bytes:
        return hashlib.sha256(self.encoded).digest()[:NAME_BYTES]

    @cached_property
    def prefix(self) -> Prefix | None:
        return compress.prefix(self.text) if len(self.text) >= _PREFIX_BYTES_MIN else None

    @cached_property
    def places(self) -> tuple[dict[str, int], ...]:
        """The way back from a value to its place, for each table."""
        return tuple({value: n for n, value in enumerate(table)} for table in self.tables)


NONE = Dictionary()  # no dictionary: nothing is known


def decode(data: bytes) -> Dictionary:
    """Read a dictionary. Whether it is to be believed the catalogue has said.

    Raises:
        OversizedError, MalformedError: not a dictionary of this version.
    """
    if len(data) > DICTIONARY_BYTES_MAX:
        raise OversizedError(f"a dictionary of {len(data)} bytes")
    plain = compress.decompress(data, _PLAIN_BYTES_MAX)
    match cbor.decode(plain, _PLAIN_BYTES_MAX):
        case [1, str(kind), list(tables), dict(paths), bytes(text)]:
            return Dictionary(
                kind,
                tuple(_split(table) for table in tables),
                _checked(paths, len(tables)),
                text,
            )
        case _:
            raise MalformedError("not a dictionary that this release can read")


def _split(table: Any) -> tuple[str, ...]:
    if type(table) is not str:
        raise MalformedError("not a table of values")
    return tuple(table.split("\n"))


def _checked(paths: dict[Any, Any], tables: int) -> dict[str, int]:
    for path, table in paths.items():
        if type(path) is not str or type(table) is not int or not 0 <= table < tables:
            raise MalformedError("not paths to tables")
    return paths
