"""The evidence page: attached files with their previews, and the originals that are whole."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, and_, select

from central.ops.words import LANGUAGES, WORDS, chosen_language
from central.store import originals
from central.store.database import Database
from central.store.media import FileKey
from central.store.media_tables import VERIFIED, State, media_files, media_originals
from sync.wire.kinds.media import chunk_count

SHOWN_MAX = 50  # on one page
_PAGE_MAX = 100_000
# What a stranger's file may do in our own pages: nothing.
_CLOSED = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
_LIST_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attached file. ``have`` of ``count`` pieces are here; ``state`` None: not one."""

    public_id: str
    node_id: str
    attached_at_ms: int | None
    key: FileKey
    media_type: str
    attached_by: str
    about: str | None
    note: str | None
    name: str | None
    preview: bytes
    have: int
    state: State | None

    @property
    def count(self) -> int:
        return chunk_count(self.key.size)

    @property
    def is_verified(self) -> bool:
        return self.state in VERIFIED


def create_pages(database: Database, moment: Callable[[int | None], str]) -> Blueprint:
    """``moment`` writes a time as people read it."""
    pages = Blueprint("evidence", __name__)

    def listing() -> ResponseReturnValue:
        language = chosen_language()
        number = min(max(1, request.args.get("page", 1, type=int)), _PAGE_MAX)
        found = newest(database, number)
        page = render_template(
            "evidence.html",
            found=found[:SHOWN_MAX],
            number=number,
            more=len(found) > SHOWN_MAX,
            w=WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            moment=moment,
        )
        return page, {"Content-Security-Policy": _LIST_POLICY}

    def preview(name: str) -> ResponseReturnValue:
        found = by_public_id(database, name)
        if found is None or not found.preview:
            abort(404)
        return Response(found.preview, 200, _CLOSED, mimetype="image/jpeg")

    def original(name: str) -> ResponseReturnValue:
        return _original(database, name)

    pages.add_url_rule("/evidence", "listing", listing)
    pages.add_url_rule("/evidence/<name>/preview", "preview", preview)
    pages.add_url_rule("/evidence/<name>/original", "original", original)
    return pages


def _original(database: Database, name: str) -> Response:
    found = by_public_id(database, name)
    if found is None or found.state not in VERIFIED:
        abort(404)
    pieces = originals.content(database, found.key, found.state)
    answer = Response(pieces, 200, _CLOSED, mimetype=found.media_type)
    answer.content_length = found.key.size
    answer.set_etag(found.key.sha256.hex())
    filename = found.name or found.public_id
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


def newest(database: Database, number: int) -> list[Evidence]:
    """One page of the files, the newest first, and one more if there are more. Raises LogError."""
    order = media_files.c.attached_at_ms.desc(), media_files.c.public_id
    with database.reading() as connection:
        return _evidence(connection, [], order, (number - 1) * SHOWN_MAX)


def by_public_id(database: Database, name: str) -> Evidence | None:
    """Raises LogError."""
    with database.reading() as connection:
        found = _evidence(connection, [media_files.c.public_id == name], (), 0)
    return found[0] if found else None


def _evidence(
    connection: Connection, where: list[Any], order: tuple[Any, ...], offset: int
) -> list[Evidence]:
    same = and_(*(media_files.c[one] == media_originals.c[one] for one in FileKey.__slots__))
    asked = (
        select(media_files, media_originals.c.have, media_originals.c.state)
        .select_from(media_files.outerjoin(media_originals, same))
        .where(*where)
        .order_by(*order)
        .limit(SHOWN_MAX + 1)
        .offset(offset)
    )
    return [
        Evidence(
            row.public_id,
            row.node_id,
            row.attached_at_ms,
            FileKey(row.node_id, row.sha256, row.size),
            row.media_type,
            row.attached_by,
            row.about,
            row.note,
            row.name,
            row.preview,
            row.have or 0,
            State(row.state) if row.state else None,
        )
        for row in connection.execute(asked)
    ]
