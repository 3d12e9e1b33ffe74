"""Under what keys households are kept to find their doubles, and what was said of such pairs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from localservices.registration import households
from localservices.registration.households import migrations
from sync.merge import blocks
from sync.merge.likeness import Facts, Person, facts_of
from sync.wire.kinds.doubles import Answer, HouseholdCompared
from sync.wire.kinds.household import HouseholdRegistered

COMPARED_MAX = 200  # candidates, those that share the most keys first


@migrations()
def doubles_m001(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE alike (
            key       INTEGER NOT NULL, -- see sync.merge.blocks
            household INTEGER NOT NULL REFERENCES households (n) ON DELETE CASCADE,
            exact     INTEGER NOT NULL, -- 1: of a number that both bear
            PRIMARY KEY (key, household)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX alike_by_household ON alike (household);
        CREATE TABLE compared (
            n           INTEGER PRIMARY KEY,
            about       TEXT NOT NULL,
            other       TEXT NOT NULL, -- empty: it was not registered twice
            answer      TEXT NOT NULL,
            compared_by TEXT NOT NULL,
            compared_ms INTEGER NOT NULL,
            by_central  INTEGER NOT NULL,
            UNIQUE (about, other, answer, compared_by, compared_ms)
        ) STRICT;
        CREATE INDEX compared_by_other ON compared (other);
        """
    )
    for known in households.newest(db, -1, 0):
        put(db, known.public_id, known.household)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was said of a household and another. ``other`` None: it came again."""

    other: str | None
    answer: Answer
    compared_by: str
    compared_ms: int
    by_central: bool


def put(db: Database, public_id: str, household: HouseholdRegistered) -> None:
    """Keep a household that is here under its keys of today."""
    facts = facts_of(household)
    exact = blocks.exact_keys(facts)
    [n] = db.conn.execute("SELECT n FROM households WHERE public_id = ?", [public_id]).fetchone()
    db.conn.execute("DELETE FROM alike WHERE household = ?", [n])
    db.conn.executemany(
        "INSERT INTO alike VALUES (?, ?, ?)",
        [(key, n, key in exact) for key in exact | blocks.fuzzy_keys(facts)],
    )


def candidates(db: Database, facts: Facts) -> dict[str, Facts]:
    """What is known of those that share keys, by public id; those taken out are none."""
    keys = blocks.exact_keys(facts) | blocks.sought_keys(facts)
    rows = db.conn.execute(
        "SELECT household FROM json_each(?) AS sought CROSS JOIN alike ON alike.key = sought.value"
        " GROUP BY household ORDER BY max(exact) DESC, count(*) DESC LIMIT ?",
        [json.dumps(list(keys)), COMPARED_MAX],
    ).fetchall()
    chosen = json.dumps([n for [n] in rows])
    people: dict[int, list[Person]] = {n: [] for [n] in rows}
    for n, surname, given, patronymic, sex, born_on, tax_number, document in db.conn.execute(
        "SELECT household, surname, given_name, ifnull(patronymic, ''), ifnull(sex, ''), born_on,"
        " ifnull(tax_number, ''), ifnull(document, '') FROM members"
        " WHERE household IN (SELECT value FROM json_each(?)) ORDER BY household, place",
        [chosen],
    ):
        born = date.fromisoformat(born_on) if born_on else None
        people[n].append(Person(surname, given, patronymic, sex, born, tax_number, document))
    found = db.conn.execute(
        "SELECT n, public_id, origin, ifnull(phone, '') FROM households"
        " WHERE n IN (SELECT value FROM json_each(?)) AND NOT removed",
        [chosen],
    )
    return {about: Facts(tuple(people[n]), origin, phone) for n, about, origin, phone in found}


def note(db: Database, record: HouseholdCompared, at_ms: int, *, by_central: bool) -> None:
    """The same may come more than once."""
    if record.answer not in list(Answer):
        return  # of another release
    db.conn.execute(
        "INSERT OR IGNORE INTO compared (about, other, answer, compared_by, compared_ms,"
        " by_central) VALUES (?, ?, ?, ?, ?, ?)",
        (record.about, record.other or "", record.answer, record.compared_by, at_ms, by_central),
    )


def said_of(db: Database, public_id: str) -> tuple[Compared, ...]:
    """Of this household with any other, the newest first."""
    rows = db.conn.execute(
        "SELECT iif(about = :id, other, about), answer, compared_by, compared_ms, by_central"
        " FROM compared WHERE :id IN (about, other) ORDER BY n DESC",
        {"id": public_id},
    ).fetchall()
    return tuple(
        Compared(other or None, Answer(answer), by, at_ms, bool(central))
        for other, answer, by, at_ms, central in rows
    )


def drop_orphans(db: Database) -> None:
    """Forget what was said of households that are not here any more."""
    db.conn.execute(
        "DELETE FROM compared WHERE about NOT IN (SELECT public_id FROM households)"
        " AND other NOT IN (SELECT public_id FROM households)"
    )


def known_of(db: Database, public_ids: Iterable[str]) -> list[households.Known]:
    """Those that are here, in the order asked."""
    found = (households.by_public_id(db, public_id) for public_id in public_ids)
    return [known for known in found if known is not None]
