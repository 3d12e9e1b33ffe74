"""Files of the catalogue in pieces: a node asks for a range, and a piece answers it."""

from dataclasses import dataclass
from typing import Any

from sync.wire import fields
from sync.wire.topics import check_node_id

NAME_CHARS_MAX = 256
PIECE_BYTES_MAX = 32 * 1024  # as a batch: an urgent answer waits behind at most one


@dataclass(frozen=True, slots=True)
class Want:
    """A node asks for ``length`` bytes of a file of the catalogue from ``offset`` on."""

    node_id: str
    name: str  # its path in the repository, with slashes
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file. They name no node, so that central makes one piece once for all who ask.

    Whether they are true only the catalogue's own signatures tell.
    """

    name: str
    offset: int
    total: int | None  # the length of the whole file; None: there is no such file
    data: bytes


def want_parts(want: Want) -> list[Any]:
    return [want.node_id, want.name, want.offset, want.length]


def read_want(node_id: Any, name: Any, offset: Any, length: Any) -> Want:
    return Want(
        check_node_id(node_id),
        fields.to_text(name, NAME_CHARS_MAX),
        fields.to_whole(offset),
        fields.to_whole(length),
    )


def piece_parts(piece: Piece) -> list[Any]:
    return [piece.name, piece.offset, piece.total, piece.data]


def read_piece(name: Any, offset: Any, total: Any, data: Any) -> Piece:
    data = fields.to_bytes(data)
    if len(data) > PIECE_BYTES_MAX:
        raise ValueError("a piece larger than any")
    return Piece(
        fields.to_text(name, NAME_CHARS_MAX),
        fields.to_whole(offset),
        None if total is None else fields.to_whole(total),
        data,
    )
