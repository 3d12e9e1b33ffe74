"""Pairs of households about which nodes ask central; who the people are is not shown here.

The answer is given with ``nezlam central doubles answer``, by whoever may know their names.
"""

from collections.abc import Callable

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from central.ops.words import LANGUAGES, chosen_language
from central.ops.words import WORDS as USUAL
from central.store import doubles
from central.store.database import Database

WORDS = {
    "uk": {
        "doubles": "Чи це одне домогосподарство?",
        "doubles_why": "Працівники вузлів не змогли визначити самі. Відповідь:"
        " nezlam central doubles answer.",
        "no_doubles": "Запитань немає.",
        "registered": "Реєстрація",
        "suspected": "Можливо, те саме, що",
        "likeness": "Схожість за правилом, 0–100",
        "asked_by": "Запитав вузол",
        "asked_at": "Надійшло",
    },
    "en": {
        "doubles": "Is it one household?",
        "doubles_why": "Staff of nodes could not tell. To answer: nezlam central doubles answer.",
        "no_doubles": "There are no questions.",
        "registered": "Registration",
        "suspected": "Perhaps the same as",
        "likeness": "Likeness by the rule, 0–100",
        "asked_by": "Asked by node",
        "asked_at": "Came",
    },
}


def create_pages(database: Database, moment: Callable[[int | None], str]) -> Blueprint:
    """``moment`` writes a time as people read it."""
    pages = Blueprint("doubles", __name__)

    def listing() -> ResponseReturnValue:
        language = chosen_language()
        with database.reading() as connection:
            asked = doubles.questions(connection)
            found = [(one, doubles.find(connection, one.about)) for one in asked]
        return render_template(
            "doubles.html",
            found=found,
            w=USUAL[language] | WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            moment=moment,
        )

    pages.add_url_rule("/doubles", "listing", listing)
    return pages
