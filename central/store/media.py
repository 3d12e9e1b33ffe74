"""Attached files and which of their pieces have come: derived from the log like any projection."""

from collections import defaultdict
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
    described: list[dict[str, Any]] = []
    pieces: defaultdict[FileKey, list[tuple[Logged, int]]] = defaultdict(list)
    for one in logged:
        record = one.contents.record
        if isinstance(record, MediaFile) and not one.cloned:
            described.append(_file_row(one, record))
        elif isinstance(record, MediaChunk) and not one.cloned:
            key = FileKey(one.node_id, record.file, record.size)
            pieces[key].append((one, record.number))
    if described:
        connection.execute(media_files.insert(), described)
    for key, came in pieces.items():
        _add_pieces(connection, key, came)


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


def _add_pieces(connection: Connection, key: FileKey, came: list[tuple[Logged, int]]) -> None:
    known = connection.execute(select(media_originals).where(is_of(media_originals, key))).first()
    if known is not None and known.state in VERIFIED:
        return  # what is proven is not asked again
    numbers = {number for _, number in came}
    same = and_(is_of(media_pieces, key), media_pieces.c.number.in_(numbers))
    there = set(connection.scalars(select(media_pieces.c.number).where(same)))
    rows = [{**one.place(), **_columns(key), "number": number} for one, number in came]
    connection.execute(media_pieces.insert(), rows)
    have = (known.have if known else 0) + len(numbers - there)
    told = {
        "have": have,
        "copies": (known.copies if known else 0) + len(came),
        # A spoiled one is looked at again: these copies may be the better ones.
        "state": State.WHOLE if have == chunk_count(key.size) else State.ARRIVING,
    }
    if known is None:
        connection.execute(media_originals.insert(), {**_columns(key), **told})
    else:
        connection.execute(media_originals.update().where(is_of(media_originals, key)), told)


def is_of(table: Any, key: FileKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _columns(key).items()))


def _columns(key: FileKey) -> dict[str, Any]:
    return {"node_id": key.node_id, "sha256": key.sha256, "size": key.size}
