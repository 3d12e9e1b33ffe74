"""A courier's file: signed messages in bags, behind a label that says whose they are.

    magic (8) | label length (2) | label | { bag length (4) | bag } ... | 0 (4) | SHA-256 (32)

Numbers are big-endian; the hash is over all that stands before it. It shows a copy that is torn or
spoiled; who wrote the messages and that nobody changed them, their own signatures say.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sync.wire import bag, cbor, fields
from sync.wire.errors import MalformedError, VersionError
from sync.wire.topics import check_node_id

VERSION = 1
MAGIC = b"\x8bNEZLAM\n"
LABEL_BYTES_MAX = 256
LENGTH_BYTES = 4
HASH_BYTES = 32
END = bytes(LENGTH_BYTES)

FILE_BYTES = 32 * 1024 * 1024  # a new file begins then: FAT32 takes 4 GB, a torn copy costs one
FILE_BYTES_MAX = FILE_BYTES + 2 * bag.BAG_BYTES_MAX


class Way(StrEnum):
    """Which way a file goes; the letter stands in its name."""

    UP = "u"  # from the node to central
    DOWN = "d"  # from central to the node


@dataclass(frozen=True, slots=True)
class Label:
    """What a file says of itself.

    Attributes:
        node_id: who wrote it, or on the way down whom it is for.
        written_ms: Unix milliseconds by the clock of who wrote it; nothing rests on it.
        part: counts from 1, for a stick may take several files of one export.
    """

    way: Way
    node_id: str
    written_ms: int
    part: int = 1


def head(label: Label) -> bytes:
    """What a file begins with."""
    parts = [VERSION, label.way.value, label.node_id, label.written_ms, label.part]
    encoded = cbor.encode(parts)
    return MAGIC + len(encoded).to_bytes(2, "big") + encoded


def framed(packed: bytes) -> bytes:
    """A bag with its length."""
    return len(packed).to_bytes(LENGTH_BYTES, "big") + packed


def label_length(start: bytes) -> int:
    """How many bytes of label follow the magic and the length. Raises MalformedError."""
    length = int.from_bytes(start[len(MAGIC) :], "big")
    if len(start) != len(MAGIC) + 2 or not start.startswith(MAGIC) or length > LABEL_BYTES_MAX:
        raise MalformedError("not a courier's file")
    return length


def read_label(encoded: bytes) -> Label:
    """Raises MalformedError, or VersionError for a file of a later Nezlam."""
    parts: Any = cbor.decode(encoded, LABEL_BYTES_MAX)
    match parts:
        case [int(version), *_] if version != VERSION:
            raise VersionError(f"version {version}, this side reads {VERSION}")
        case [_, way, str(node_id), written_ms, part]:
            try:
                written, number = fields.to_whole(written_ms), fields.to_whole(part)
                return Label(Way(way), check_node_id(node_id), written, number)
            except (TypeError, ValueError) as error:
                raise MalformedError("not a courier's label") from error
        case _:
            raise MalformedError("not a courier's label")


def file_name(label: Label, digest: bytes) -> str:
    """At most 64 characters that every file system takes; a node id is in lower case already.

    It begins with a letter of its own, for a Windows machine takes no file named ``con`` or
    ``aux``, whatever its ending, and a node may be called so.
    """
    return f"n-{label.node_id}-{label.way.value}{digest.hex()[:8]}{ENDING}"


ENDING = ".nez"
