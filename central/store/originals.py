"""Files put together from the log, verified, and given out.

The whole of a file is its pieces in the log, read in order: no second copy is kept, so none can
be half written, left over, or disagree. A file is given out once its hash was verified.
"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, and_, func, select

from central.store.contents import read
from central.store.database import Database
from central.store.media import FileKey, is_of
from central.store.media_tables import VERIFIED, State, media_originals, media_pieces
from central.store.tables import records
from sync.wire.kinds.media import MediaChunk, chunk_count

_PIECES_AT_ONCE = 64  # a megabyte


def verify_next(database: Database) -> FileKey | None:
    """Look at one file of which every piece is here; None: there is none.

    Raises:
        LogError: nothing was noted.
    """
    with database.reading() as connection:
        whole = media_originals.c.state == State.WHOLE
        found = connection.execute(select(media_originals).where(whole).limit(1)).first()
    if found is None:
        return None
    key = FileKey(found.node_id, found.sha256, found.size)
    state = next((state for state in VERIFIED if _hash(database, key, state) == key.sha256), None)
    with database.writing() as connection:
        # Unless one more copy came meanwhile: then it is looked at again.
        as_seen = media_originals.c.copies == found.copies
        connection.execute(
            media_originals.update()
            .where(is_of(media_originals, key), as_seen)
            .values(state=state or State.SPOILED)
        )
    return key


def content(database: Database, key: FileKey, state: State) -> Iterator[bytes]:
    """The bytes of a whole file, in order; ``state`` says which copies. Raises LogError."""
    for first in range(0, chunk_count(key.size), _PIECES_AT_ONCE):
        with database.reading() as connection:
            pieces = _pieces(connection, key, first, state)
        yield from pieces


def _hash(database: Database, key: FileKey, state: State) -> bytes:
    digest = hashlib.sha256()
    for data in content(database, key, state):
        digest.update(data)
    return digest.digest()


def _pieces(connection: Connection, key: FileKey, first: int, state: State) -> list[bytes]:
    """Some pieces from number ``first`` on, of each the first copy that came, or the last."""
    of_file = is_of(media_pieces, key)
    number = media_pieces.c.number
    here = number.between(first, first + _PIECES_AT_ONCE - 1)
    pick = func.max if state is State.VERIFIED_LAST else func.min
    joined = media_pieces.join(
        records,
        and_(
            *(records.c[name] == media_pieces.c[name] for name in ("node_id", "epoch", "lane")),
            records.c.seq == media_pieces.c.seq,
        ),
    )
    chosen = (
        select(pick(records.c.position)).select_from(joined).where(of_file, here).group_by(number)
    )
    rows = connection.execute(select(records.c.entry).where(records.c.position.in_(chosen)))
    chunks = [read(row.entry).record for row in rows]
    found = {chunk.number: chunk.data for chunk in chunks if isinstance(chunk, MediaChunk)}
    return [found[one] for one in sorted(found)]
