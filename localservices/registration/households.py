"""The households in the working set: their tables, and every SQL on them but that of edits."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database, Migrations

from localservices.text import clean
from sync.merge.household import Standing
from sync.wire import cbor
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.places import Stream
from sync.wire.records import from_body, to_body

migrations = Migrations("households")

# Letters that look alike on a passport: a person may type either, and search finds both.
_ALIKE = str.maketrans("abcehikmoptxy", "авсенікмортху")
_NOT_SOUGHT = re.compile(r"[^\w\s]|_")


@migrations()
def m001_households(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE households (
            n             INTEGER PRIMARY KEY, -- the order of writing
            public_id     TEXT NOT NULL UNIQUE,
            epoch         BLOB NOT NULL,
            lane          INTEGER NOT NULL,
            seq           INTEGER NOT NULL,
            saved_ms      INTEGER NOT NULL,
            origin        TEXT NOT NULL,
            shelter       TEXT NOT NULL,
            displaced_on  TEXT,
            phone         TEXT,
            needs         TEXT NOT NULL, -- JSON list of codes
            note          TEXT,
            consent       INTEGER NOT NULL,
            registered_by TEXT NOT NULL,
            sought        TEXT NOT NULL  -- what search looks through, folded
        ) STRICT;
        CREATE INDEX households_by_place ON households (epoch, lane, seq);
        CREATE TABLE members (
            household  INTEGER NOT NULL REFERENCES households (n) ON DELETE CASCADE,
            place      INTEGER NOT NULL, -- 0: the head
            surname    TEXT NOT NULL,
            given_name TEXT NOT NULL,
            patronymic TEXT,
            sex        TEXT,
            born_on    TEXT,
            relation   TEXT,
            tax_number TEXT,
            document   TEXT,
            PRIMARY KEY (household, place)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m002_edited(db: Database) -> None:
    db.executescript(
        """
        ALTER TABLE households ADD COLUMN first BLOB; -- as it was registered; CBOR
        ALTER TABLE households ADD COLUMN home TEXT; -- the node that registered it; NULL: this one
        ALTER TABLE households ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE households ADD COLUMN collides INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE edits (
            n     INTEGER PRIMARY KEY, -- the order in which this node learnt of them
            about TEXT NOT NULL, -- public id of a household, which may come later
            stamp BLOB NOT NULL,
            field TEXT NOT NULL,
            new   TEXT NOT NULL,
            body  BLOB NOT NULL, -- CBOR
            epoch BLOB, -- with lane and seq: where it stands in the outbox; NULL: it came down
            lane  INTEGER,
            seq   INTEGER,
            UNIQUE (about, stamp, field, new)
        ) STRICT;
        """
    )
    for known in chosen(db, "", []):
        body = cbor.encode(to_body(known.household))
        where = {"first": body, "public_id": known.public_id}
        db.conn.execute("UPDATE households SET first = :first WHERE public_id = :public_id", where)


_HOUSEHOLD = """
    SELECT n, public_id, epoch, lane, seq, saved_ms, origin, shelter, displaced_on, phone,
        needs, note, consent, registered_by, home, removed, collides
    FROM households
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A household that is on this node, as it stands after all edits that are here.

    Attributes:
        stream: with ``seq`` its place in the outbox, or among central's words.
        home: the node that registered it; None: this one.
        collides: somebody must say which of several texts is right.
    """

    household: HouseholdRegistered
    public_id: str
    stream: Stream
    seq: int
    saved_ms: int
    home: str | None = None
    removed: bool = False
    collides: bool = False


def add(db: Database, known: Known) -> None:
    """Keep a household as it was registered; one that is here already stays as it is."""
    body = cbor.encode(to_body(known.household))
    place = (known.public_id, known.stream.epoch, known.stream.lane, known.seq, known.saved_ms)
    db.conn.execute(
        "INSERT OR IGNORE INTO households (public_id, epoch, lane, seq, saved_ms, first, home,"
        " origin, shelter, needs, consent, registered_by, sought)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '', '', '[]', 0, '', '')",
        (*place, body, known.home),
    )


def first_of(db: Database, public_id: str) -> HouseholdRegistered | None:
    """As it was registered."""
    row = db.conn.execute(
        "SELECT first FROM households WHERE public_id = ?", [public_id]
    ).fetchone()
    if row is None:
        return None
    record = from_body(HouseholdRegistered.kind, cbor.decode(row[0], RECORD_BYTES_MAX))
    assert isinstance(record, HouseholdRegistered)
    return record


def put(db: Database, public_id: str, standing: Standing) -> None:
    """Show a household that is here as it stands now."""
    household = standing.household
    [n] = db.conn.execute(
        "UPDATE households SET origin = ?, shelter = ?, displaced_on = ?, phone = ?, needs = ?,"
        " note = ?, consent = ?, registered_by = ?, sought = ?, removed = ?, collides = ?"
        " WHERE public_id = ? RETURNING n",
        (
            household.origin,
            household.shelter,
            _day_out(household.displaced_on),
            household.phone,
            json.dumps(household.needs),
            household.note,
            household.consent,
            household.registered_by,
            _sought(household),
            standing.is_removed,
            bool(standing.collisions),
            public_id,
        ),
    ).fetchone()
    db.conn.execute("DELETE FROM members WHERE household = ?", [n])
    db.conn.executemany(
        "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(n, place, *_member_out(member)) for place, member in enumerate(household.members)],
    )


def drop(db: Database, stream: Stream, seq: int) -> None:
    """Forget the households of a stream up to ``seq``."""
    db.conn.execute(
        "DELETE FROM households WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


def by_public_id(db: Database, public_id: str) -> Known | None:
    found = chosen(db, "WHERE public_id = ?", [public_id])
    return found[0] if found else None


def newest(db: Database, limit: int, offset: int) -> list[Known]:
    return chosen(db, "WHERE NOT removed ORDER BY n DESC LIMIT ? OFFSET ?", [limit, offset])


def count(db: Database) -> int:
    [number] = db.conn.execute("SELECT count(*) FROM households WHERE NOT removed").fetchone()
    return int(number)


def fold(text: str) -> str:
    """Bring what is typed and what is kept to one form: case, marks and look-alikes don't count."""
    return _NOT_SOUGHT.sub("", clean(text).casefold().translate(_ALIKE))


def _sought(household: HouseholdRegistered) -> str:
    lines = [household.phone or ""]
    for member in household.members:
        lines += [f"{member.surname} {member.given_name} {member.patronymic or ''}"]
        lines += [(member.document or "").replace(" ", ""), member.tax_number or ""]
    return "\n".join(fold(line) for line in lines if line)


def chosen(db: Database, where: str, values: Sequence[str | int]) -> list[Known]:
    """``where``: SQL of this package's own, which may end in an order and a limit."""
    rows = db.conn.execute(f"{_HOUSEHOLD} {where}", values).fetchall()
    return [_row(db, row) for row in rows]


def _row(db: Database, row: tuple[object, ...]) -> Known:
    n, public_id, epoch, lane, seq, saved_ms, *rest = row
    origin, shelter, displaced_on, phone, needs, note, consent, registered_by, *marks = rest
    home, removed, collides = marks
    household = HouseholdRegistered(
        members=_members(db, n),
        origin=str(origin),
        shelter=str(shelter),
        displaced_on=_day_in(displaced_on),
        phone=_text(phone),
        needs=tuple(json.loads(str(needs))),
        note=_text(note),
        consent=bool(consent),
        registered_by=str(registered_by),
    )
    assert isinstance(epoch, bytes)
    assert isinstance(lane, int)
    assert isinstance(seq, int)
    assert isinstance(saved_ms, int)
    return Known(
        household,
        str(public_id),
        Stream(epoch, Lane(lane)),
        seq,
        saved_ms,
        home=_text(home),
        removed=bool(removed),
        collides=bool(collides),
    )


def _members(db: Database, n: object) -> tuple[Member, ...]:
    rows = db.conn.execute(
        "SELECT surname, given_name, patronymic, sex, born_on, relation, tax_number, document"
        " FROM members WHERE household = ? ORDER BY place",
        (n,),
    ).fetchall()
    return tuple(
        Member(surname, given, patronymic, sex, _day_in(born_on), relation, tax, document)
        for surname, given, patronymic, sex, born_on, relation, tax, document in rows
    )


def _member_out(member: Member) -> tuple[str | None, ...]:
    return (
        member.surname,
        member.given_name,
        member.patronymic,
        member.sex,
        _day_out(member.born_on),
        member.relation,
        member.tax_number,
        member.document,
    )


def _day_out(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day_in(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
