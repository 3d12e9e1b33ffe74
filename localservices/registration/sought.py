"""What search looks through: names in any alphabet, telephones, documents, papers' numbers.

Three letters anywhere in a household's words are indexed (SQLite's FTS5, tokenizer "trigram"), so
that a fragment is found among a hundred thousand without reading them all.
"""

from sqlite_utils import Database

from localservices.registration import households
from localservices.registration.households import Known, migrations
from localservices.text import clean
from sync.merge.likeness import phone_key
from sync.merge.names import canonical, skeleton
from sync.wire import edocument
from sync.wire.errors import MalformedError
from sync.wire.kinds.household import HouseholdRegistered

_INDEXED = 3  # letters that a word must have
_PHONE_MARKS = frozenset("0123456789 +-().")


@migrations()
def sought_m001(db: Database) -> None:
    db.executescript(
        """
        CREATE VIRTUAL TABLE sought USING fts5 (
            words, content = '', contentless_delete = 1, tokenize = 'trigram', detail = 'full'
        );
        CREATE TRIGGER households_unsought AFTER DELETE ON households BEGIN
            DELETE FROM sought WHERE rowid = old.n;
        END;
        CREATE TABLE papers (
            number TEXT PRIMARY KEY, -- public id of the record that issued it
            about  TEXT NOT NULL     -- of the household
        ) STRICT, WITHOUT ROWID;
        """
    )
    for known in households.newest(db, -1, 0):
        put(db, known.public_id, known.household)


def put(db: Database, public_id: str, household: HouseholdRegistered) -> None:
    """Index a household that is here, as it stands now."""
    lines = [household.phone or ""]
    for member in household.members:
        names = [member.surname, member.given_name, member.patronymic or ""]
        lines += [" ".join(names), *map(skeleton, names), *map(canonical, names)]
        lines += [(member.document or "").replace(" ", ""), member.tax_number or ""]
    words = "\n".join(households.fold(line) for line in lines if line)
    db.conn.execute(
        "INSERT OR REPLACE INTO sought (rowid, words)"
        " SELECT n, ? FROM households WHERE public_id = ?",
        [words, public_id],
    )


def note_paper(db: Database, number: str, about: str) -> None:
    db.conn.execute("INSERT OR IGNORE INTO papers VALUES (?, ?)", [number, about])


def drop_orphans(db: Database) -> None:
    """Forget papers of households that are not here any more."""
    db.conn.execute("DELETE FROM papers WHERE about NOT IN (SELECT public_id FROM households)")


def matching(db: Database, query: str, limit: int) -> list[Known]:
    """Households of which every word of ``query`` is found, or ``query`` in one piece.

    Names are found as any alphabet spells them, in any order; telephones as anybody writes them;
    a certificate by its QR code's text or its number. The newest first.
    """
    if (named := _by_number(db, query)) is not None:
        return [named]
    words = [word for word in clean(query).split() if households.fold(word)]
    if not words:
        return []
    folded = [households.fold(word) for word in words]
    if all(len(word) < _INDEXED for word in folded):
        every = " AND ".join(["instr(sought, ?) > 0"] * len(words))
        where = f"WHERE ({every}) OR instr(sought, ?) > 0 ORDER BY n DESC LIMIT ?"
        return households.chosen(db, where, [*folded, "".join(folded), limit])
    where = (
        "WHERE n IN (SELECT rowid FROM sought WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?)"
        " ORDER BY n DESC"
    )
    return households.chosen(db, where, [_match(query, words), limit])


def _match(query: str, words: list[str]) -> str:
    """The question to the index; a word that is too short for it does not narrow."""
    folded = [households.fold(word) for word in words]
    every = [
        _any_of(plain, *_spellings(word))
        for word, plain in zip(words, folded, strict=True)
        if len(plain) >= _INDEXED
    ]
    asked = [" AND ".join(every), _any_of("".join(folded))]
    if set(query) <= _PHONE_MARKS and len(phone_key(query)) >= _INDEXED:
        asked.append(_any_of(phone_key(query)))
    return " OR ".join(f"({one})" for one in asked)


def _spellings(word: str) -> set[str]:
    found = {households.fold(skeleton(word)), households.fold(canonical(word))}
    return {one for one in found if len(one) >= _INDEXED}


def _any_of(*texts: str) -> str:
    """Each is folded, so that no mark of the query language is left in it."""
    return "(" + " OR ".join(f'"{text}"' for text in texts) + ")"


def _by_number(db: Database, query: str) -> Known | None:
    """By a certificate's QR code, its number, or the household's own."""
    number = clean(query)
    if number.upper().startswith(edocument.PREFIX):
        try:
            number = edocument.number_of(number)
        except MalformedError:
            return None
    row = db.conn.execute("SELECT about FROM papers WHERE number = ?", [number]).fetchone()
    return households.by_public_id(db, row[0] if row else number)
