"""The households in the working set: their tables, how records change them, every SQL on them."""

import json
import re
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database, Migrations

from localservices.text import clean
from sync.store.working import Projected, Projection
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.lanes import Lane
from sync.wire.places import Stream

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


_HOUSEHOLD = """
    SELECT n, public_id, epoch, lane, seq, saved_ms, origin, shelter, displaced_on, phone,
        needs, note, consent, registered_by
    FROM households
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A household that is on this node, with its place in the outbox."""

    household: HouseholdRegistered
    public_id: str
    stream: Stream
    seq: int
    saved_ms: int


def apply(db: Database, projected: Projected) -> None:
    """Keep a household; any other kind of record is not ours."""
    household = projected.record
    if not isinstance(household, HouseholdRegistered):
        return
    [n] = db.conn.execute(
        "INSERT INTO households (public_id, epoch, lane, seq, saved_ms, origin, shelter,"
        " displaced_on, phone, needs, note, consent, registered_by, sought)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n",
        (
            projected.public_id,
            projected.stream.epoch,
            projected.stream.lane,
            projected.seq,
            projected.saved_ms,
            household.origin,
            household.shelter,
            _day_out(household.displaced_on),
            household.phone,
            json.dumps(household.needs),
            household.note,
            household.consent,
            household.registered_by,
            _sought(household),
        ),
    ).fetchone()
    db.conn.executemany(
        "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(n, place, *_member_out(member)) for place, member in enumerate(household.members)],
    )


def forget(db: Database, stream: Stream, seq: int) -> None:
    """Drop the households of a stream up to ``seq``."""
    db.conn.execute(
        "DELETE FROM households WHERE epoch = ? AND lane = ? AND seq <= ?",
        (stream.epoch, stream.lane, seq),
    )


projection = Projection(migrations, apply, forget)


def by_public_id(db: Database, public_id: str) -> Known | None:
    found = _known(db, "WHERE public_id = ?", [public_id])
    return found[0] if found else None


def newest(db: Database, limit: int, offset: int) -> list[Known]:
    return _known(db, "ORDER BY n DESC LIMIT ? OFFSET ?", [limit, offset])


def matching(db: Database, query: str, limit: int) -> list[Known]:
    """Households of which every word of ``query`` is found, or ``query`` in one piece.

    Names, telephones, documents and tax numbers are looked through, the newest first.
    """
    words = fold(query).split()
    if not words:
        return []
    every = " AND ".join(["instr(sought, ?) > 0"] * len(words))
    return _known(
        db,
        f"WHERE ({every}) OR instr(sought, ?) > 0 ORDER BY n DESC LIMIT ?",
        [*words, "".join(words), limit],
    )


def count(db: Database) -> int:
    [number] = db.conn.execute("SELECT count(*) FROM households").fetchone()
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


def _known(db: Database, where: str, values: list[str | int]) -> list[Known]:
    rows = db.conn.execute(f"{_HOUSEHOLD} {where}", values).fetchall()
    return [_row(db, row) for row in rows]


def _row(db: Database, row: tuple[object, ...]) -> Known:
    n, public_id, epoch, lane, seq, saved_ms, *rest = row
    origin, shelter, displaced_on, phone, needs, note, consent, registered_by = rest
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
    return Known(household, str(public_id), Stream(epoch, Lane(lane)), seq, saved_ms)


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
