"""The attached files in the working set: what they are, not what is in them."""

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.store.working import Projected, Projection
from sync.wire.kinds.evidence import SEALED_FILE
from sync.wire.kinds.media import MediaFile
from sync.wire.lanes import Lane
from sync.wire.places import Stream

migrations = Migrations("files")


@migrations()
def m001_files(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE files (
            n           INTEGER PRIMARY KEY, -- the order of writing
            public_id   TEXT NOT NULL UNIQUE,
            epoch       BLOB NOT NULL,
            lane        INTEGER NOT NULL,
            seq         INTEGER NOT NULL,
            saved_ms    INTEGER NOT NULL,
            sha256      BLOB NOT NULL,
            size        INTEGER NOT NULL,
            media_type  TEXT NOT NULL,
            attached_by TEXT NOT NULL,
            about       TEXT,
            note        TEXT,
            name        TEXT,
            preview     BLOB NOT NULL
        ) STRICT;
        CREATE INDEX files_by_place ON files (epoch, lane, seq);
        CREATE INDEX files_by_subject ON files (about);
        """
    )


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was attached at this node, with its record's place in the outbox."""

    file: MediaFile
    public_id: str
    stream: Stream
    seq: int
    saved_ms: int


_COLUMNS = "sha256, size, media_type, attached_by, about, note, name, preview"
_FILE = f"SELECT public_id, epoch, lane, seq, saved_ms, {_COLUMNS} FROM files"  # noqa: S608


def apply(db: Database, projected: Projected) -> None:
    """Keep a file's description; any other kind of record is not ours."""
    file = projected.record
    if not isinstance(file, MediaFile) or file.media_type == SEALED_FILE:
        return
    db.conn.execute(
        f"INSERT INTO files (public_id, epoch, lane, seq, saved_ms, {_COLUMNS})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            projected.public_id,
            projected.stream.epoch,
            projected.stream.lane,
            projected.seq,
            projected.saved_ms,
            file.sha256,
            file.size,
            file.media_type,
            file.attached_by,
            file.about,
            file.note,
            file.name,
            file.preview,
        ),
    )


def forget(db: Database, stream: Stream, seq: int) -> None:
    """Drop the files whose records came from a stream, up to ``seq``."""
    db.conn.execute(
        "DELETE FROM files WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


projection = Projection(migrations, apply, forget)


def by_public_id(db: Database, public_id: str) -> KnownFile | None:
    found = _known(db, "WHERE public_id = ?", [public_id])
    return found[0] if found else None


def newest(db: Database, about: str | None, limit: int, offset: int) -> list[KnownFile]:
    """``about`` None: whatever they belong to."""
    if about is None:
        return _known(db, "ORDER BY n DESC LIMIT ? OFFSET ?", [limit, offset])
    return _known(db, "WHERE about = ? ORDER BY n DESC LIMIT ? OFFSET ?", [about, limit, offset])


def _known(db: Database, where: str, values: list[str | int]) -> list[KnownFile]:
    return [
        KnownFile(
            MediaFile(sha256, size, media_type, attached_by, about, note, name, preview or b""),
            public_id,
            Stream(epoch, Lane(lane)),
            seq,
            saved_ms,
        )
        for (
            public_id,
            epoch,
            lane,
            seq,
            saved_ms,
            sha256,
            size,
            media_type,
            attached_by,
            about,
            note,
            name,
            preview,
        ) in db.conn.execute(f"{_FILE} {where}", values).fetchall()
    ]
