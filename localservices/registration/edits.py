"""Edits of households in the working set, this node's and those of others."""

from dataclasses import dataclass

from sqlite_utils import Database

from sync.merge import household
from sync.merge.household import Standing
from sync.wire import cbor
from sync.wire.kinds.household import HouseholdEdited, HouseholdRegistered
from sync.wire.lanes import Lane
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.places import Stream
from sync.wire.records import from_body, to_body


@dataclass(frozen=True, slots=True)
class KnownEdit:
    """An edit that is here. ``place``: in this node's outbox; None: it came from another node."""

    n: int
    edit: HouseholdEdited
    place: tuple[Stream, int] | None


def add(db: Database, edit: HouseholdEdited, place: tuple[Stream, int] | None) -> None:
    """The same edit may come more than once."""
    stream, seq = place or (None, None)
    db.conn.execute(
        "INSERT OR IGNORE INTO edits (about, stamp, field, new, body, epoch, lane, seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            edit.about,
            edit.stamp,
            edit.field,
            edit.new,
            cbor.encode(to_body(edit)),
            stream and stream.epoch,
            stream and int(stream.lane),
            seq,
        ),
    )


def of(db: Database, about: str) -> list[KnownEdit]:
    """In the order in which this node learnt of them."""
    rows = db.conn.execute(
        "SELECT n, body, epoch, lane, seq FROM edits WHERE about = ? ORDER BY n", [about]
    ).fetchall()
    return [_known(*row) for row in rows]


def standing(db: Database, about: str, first: HouseholdRegistered, up_to: int) -> Standing:
    """How a household stands after the edits up to the ``up_to``-th."""
    return household.standing(first, [one.edit for one in of(db, about) if one.n <= up_to])


def drop_orphans(db: Database) -> None:
    """Forget what is about households that are not here any more."""
    db.conn.execute("DELETE FROM edits WHERE about NOT IN (SELECT public_id FROM households)")


def _known(n: int, body: bytes, epoch: bytes | None, lane: int, seq: int) -> KnownEdit:
    edit = from_body(HouseholdEdited.kind, cbor.decode(body, RECORD_BYTES_MAX))
    assert isinstance(edit, HouseholdEdited)
    return KnownEdit(n, edit, None if epoch is None else (Stream(epoch, Lane(lane)), seq))
