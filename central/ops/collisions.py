"""Fields of households that two nodes changed without knowing of each other, for people to see to.

What they wrote is not shown: that is for the staff who hold the household, and they settle it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from central.ops.words import LANGUAGES, WORDS, chosen_language
from central.store import edited, tables
from central.store.database import Database

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Collision:
    """``nodes``: whose edits of this field are known, in the order in which they came."""

    about: str
    field: str
    found_at_ms: int
    nodes: tuple[str, ...]


def create_pages(database: Database, moment: Callable[[int | None], str]) -> Blueprint:
    """``moment`` writes a time as people read it."""
    pages = Blueprint("collisions", __name__)

    def listing() -> ResponseReturnValue:
        language = chosen_language()
        with database.reading() as connection:
            found = list(oldest(connection))
        return render_template(
            "collisions.html",
            found=found[:SHOWN_MAX],
            more=len(found) > SHOWN_MAX,
            w=WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            moment=moment,
        )

    pages.add_url_rule("/collisions", "listing", listing)
    return pages


def oldest(connection: Connection) -> Iterator[Collision]:
    """What waits the longest comes first; one more than is shown, if there are more."""
    asked = (
        select(tables.collisions)
        .order_by(tables.collisions.c.found_at_ms, tables.collisions.c.about)
        .limit(SHOWN_MAX + 1)
    )
    for row in connection.execute(asked).all():
        writers = (node for node, one in edited.edits_of(connection, row.about))
        yield Collision(row.about, row.field, row.found_at_ms, tuple(dict.fromkeys(writers)))
