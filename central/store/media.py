"""Attached files and which of their pieces have come: derived from the log like any projection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from central.store.logged import Logged
from central.store.media_tables import VERIFIED, State, media_files, media_originals, media_pieces
from sync.wire.kinds.media import MediaChunk, MediaFile, chunk_count
from sync.wire.places import public_id


@dataclass(frozen=True, slots=True)
class FileKey:
    """One node's file. Its hash alone would let another node spoil it."""

    node_id: str
    sha256: bytes
    size: int


def clear(connection: Connection) -> None:
    for table in (media_pieces, media_originals, media_files):
        connection.execute(table.delete())


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add descriptions and pieces, in the transaction that adds them to the log."""
    for one in logged:
        record = one.contents.record
        if isinstance(record, MediaFile) and not one.cloned:
            connection.execute(media_files.insert(), _file_row(one, record))
        elif isinstance(record, MediaChunk) and not one.cloned:
            _add_piece(connection, one, record)


def _file_row(logged: Logged, file: MediaFile) -> dict[str, Any]:
    stamp = logged.contents.stamp
    return {
        **logged.place(),
        "public_id": public_id(logged.node_id, logged.stream, logged.seq),
        "attached_at_ms": None if stamp is None else stamp.reading_ms,
        "sha256": file.sha256,
        "size": file.size,
        "media_type": file.media_type,
        "attached_by": file.attached_by,
        "about": file.about,
        "note": file.note,
        "name": file.name,
        "preview": file.preview,
    }


def _add_piece(connection: Connection, logged: Logged, chunk: MediaChunk) -> None:
    key = FileKey(logged.node_id, chunk.file, chunk.size)
    known = connection.execute(select(media_originals).where(is_of(media_originals, key))).first()
    if known is None:
        row = {**named(key), "have": 0, "copies": 0, "state": State.ARRIVING}
        connection.execute(media_originals.insert(), row)
    elif known.state in VERIFIED:
        return  # what is proven is not asked again
    same = and_(is_of(media_pieces, key), media_pieces.c.number == chunk.number)
    is_new = connection.scalar(select(media_pieces.c.seq).where(same).limit(1)) is None
    row = {**logged.place(), "sha256": chunk.file, "size": chunk.size, "number": chunk.number}
    connection.execute(media_pieces.insert(), row)
    have = (known.have if known else 0) + is_new
    connection.execute(
        media_originals.update()
        .where(is_of(media_originals, key))
        .values(
            have=have,
            copies=media_originals.c.copies + 1,
            # A spoiled one is looked at again: this copy may be the better one.
            state=State.WHOLE if have == chunk_count(chunk.size) else State.ARRIVING,
        )
    )


def named(key: FileKey) -> dict[str, Any]:
    return {"node_id": key.node_id, "sha256": key.sha256, "size": key.size}


def is_of(table: Any, key: FileKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in named(key).items()))
