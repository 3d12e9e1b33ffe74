"""DER, item by item (X.690): for fields that matter, in bytes that strict parsers refuse."""

from collections.abc import Iterator

_LENGTH_BYTES_MAX = 4


def items(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give (tag, content, whole) of each item that stands in ``data``.

    Raises ValueError or IndexError: not items, or one is longer than what holds it.
    """
    at = 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= _LENGTH_BYTES_MAX:
                raise ValueError("a length of no known form")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > len(data):
            raise ValueError("an item longer than what holds it")
        yield tag, data[start : start + length], data[at : start + length]
        at = start + length
