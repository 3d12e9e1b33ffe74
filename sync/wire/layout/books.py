"""What is gathered while columns are written, and what is bounded while they are read."""

from collections.abc import Iterator
from typing import Any

from sync.wire.errors import MalformedError, OversizedError
from sync.wire.layout import ints
from sync.wire.layout.dictionary import Dictionary
from sync.wire.limits import UNPACKED_BYTES_MAX

VALUES_MAX = 1 << 18  # in all columns of a batch together: 60 for each of 4,096 records
CHARS_MAX = 4 * UNPACKED_BYTES_MAX  # of texts and names, at each of the steps that build them


class Written:
    """Gathers what columns are made of: heads, plain values in order, and packed bytes."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.heads: list[Any] = []
        self.raw = bytearray()

    def put(self, head: Any) -> None:
        self.heads.append(head)

    def ints(self, values: list[int]) -> None:
        """Values below 2**63; none: no head."""
        if values:
            self.heads.append(ints.pack(values, self.raw))

    def bytes(self, data: bytes) -> None:
        self.raw += data


class Read:
    """Hands out again what was gathered, in the same order; no length is trusted."""

    def __init__(self, dictionary: Dictionary, heads: list[Any], raw: bytes) -> None:
        self.dictionary = dictionary
        self._heads: Iterator[Any] = iter(heads)
        self._raw = memoryview(raw)
        self._room = VALUES_MAX
        self._chars = CHARS_MAX

    @property
    def is_used_up(self) -> bool:
        return not self._raw and next(self._heads, self) is self

    def take(self) -> Any:
        """The next head. Raises MalformedError."""
        for head in self._heads:
            return head
        raise MalformedError("a column lacks its head")

    def count(self) -> int:
        """The next head, a number of values. Raises MalformedError or OversizedError."""
        return self.few(self.take())

    def text(self) -> str:
        """The next head, a text. Raises MalformedError."""
        if type(text := self.take()) is not str:
            raise MalformedError("not the text that belongs here")
        return text

    def ints(self, count: int) -> list[int]:
        """Raises MalformedError or OversizedError."""
        if not count:
            return []
        values, self._raw = ints.unpack(self.take(), self.few(count), self._raw)
        return values

    def places(self, count: int, below: int) -> list[int]:
        """Numbers that are places in something of that length. Raises as ``ints`` does."""
        values = self.ints(count)
        if values and not 0 <= min(values) <= max(values) < below:
            raise MalformedError("a place outside its table")
        return values

    def lengths(self, count: int) -> tuple[list[int], int]:
        """Numbers of values and their sum. Raises as ``ints`` does."""
        values = self.ints(count)
        if values and min(values) < 0:
            raise MalformedError("not lengths")
        return values, self.few(sum(values))

    def bytes(self, count: int) -> bytes:
        """Raises MalformedError."""
        if not 0 <= count <= len(self._raw):
            raise MalformedError("a column is cut short")
        taken, self._raw = self._raw[:count], self._raw[count:]
        return bytes(taken)

    def chars(self, count: int) -> None:
        """Account for text, which costs little here and much when it is written out.

        Raises:
            OversizedError: more than a batch may hold.
        """
        self._chars -= count
        if self._chars < 0:
            raise OversizedError(f"more than {CHARS_MAX} characters in a batch")

    def few(self, count: Any) -> int:
        """Account for values before they are made. Raises MalformedError or OversizedError."""
        if type(count) is not int or count < 0:
            raise MalformedError("not a number of values")
        self._room -= count
        if self._room < 0:
            raise OversizedError(f"more than {VALUES_MAX} values in a batch")
        return count
