"""The code of a report: what stands on the receipt and is said over a telephone.

It is derived from the record's place, so it costs no bytes, and two nodes never draw the same by
counting. Its letters look and sound the same in Cyrillic and in Latin, as on Ukrainian number
plates; without O and I, which look like digits.
"""

import hashlib

from sync.wire.errors import MalformedError
from sync.wire.places import Stream

REF_BYTES = 7
CODE_CHARS = 15
_ALPHABET = "0123456789ABCEHKMPTX"
_CYRILLIC = str.maketrans("АВСЕНКМРТХОІOI", "ABCEHKMPTX0101")
_CHECK = 397  # prime: every wrong symbol and every swap of two neighbours shows
_ROOM = 400  # a whole number of hundreds above it


def ref_of(node_id: str, stream: Stream, seq: int) -> bytes:
    """56 bits of the hash of the record's place."""
    place = node_id.encode() + b"/" + stream.epoch + stream.place(seq)
    return hashlib.sha256(b"nezlam hazard " + place).digest()[:REF_BYTES]


def code_of(ref: bytes) -> str:
    """Three groups of five, such as 7K4MA-X2P9T-A0EH3; the last part of it is a check."""
    number = int.from_bytes(ref) * _ROOM
    number += -number % _CHECK
    symbols = []
    for _ in range(CODE_CHARS):
        number, symbol = divmod(number, len(_ALPHABET))
        symbols.append(_ALPHABET[symbol])
    text = "".join(reversed(symbols))
    return "-".join(text[at : at + 5] for at in range(0, CODE_CHARS, 5))


def read_code(typed: str) -> bytes:
    """The ref that a code stands for, typed in either alphabet. Raises MalformedError."""
    plain = "".join(char for char in typed.upper() if char.isalnum()).translate(_CYRILLIC)
    if len(plain) != CODE_CHARS or not set(plain) <= set(_ALPHABET):
        raise MalformedError("not a report's code")
    number = 0
    for char in plain:
        number = number * len(_ALPHABET) + _ALPHABET.index(char)
    if number % _CHECK or number // _ROOM >= 1 << 8 * REF_BYTES:
        raise MalformedError("a symbol of the code is wrong")
    return (number // _ROOM).to_bytes(REF_BYTES)
