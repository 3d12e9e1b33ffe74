"""How records and central's words change the households of the working set."""

from sqlite_utils import Database

from localservices.registration import doubles, edits, households, sought
from localservices.registration.households import Known
from sync.merge.household import standing
from sync.store.working import Projected, Projection
from sync.wire.kinds.doubles import HouseholdCompared
from sync.wire.kinds.edocument import EDocumentIssued
from sync.wire.kinds.household import HouseholdEdited, HouseholdRegistered, HouseholdShared
from sync.wire.places import Stream


def _apply(db: Database, projected: Projected) -> None:
    """Other kinds of records are not ours."""
    record = projected.record
    place = (projected.stream, projected.seq)
    match record:
        case HouseholdRegistered():
            about = projected.public_id
            households.add(db, Known(record, about, *place, projected.saved_ms))
        case HouseholdEdited():
            about = record.about
            edits.add(db, record, None if projected.came_down else place)
        case HouseholdShared():
            about = record.about
            home = about.rsplit("-", 3)[0]
            known = Known(record.registered, about, *place, projected.saved_ms, home=home)
            households.add(db, known)
            for edit in record.edits:
                edits.add(db, edit, None)
        case HouseholdCompared():
            doubles.note(db, record, projected.saved_ms, by_central=projected.came_down)
            return
        case EDocumentIssued():
            sought.note_paper(db, projected.public_id, record.about)
            return
        case _:
            return
    _merge(db, about)


def _merge(db: Database, about: str) -> None:
    first = households.first_of(db, about)
    if first is not None:
        now = standing(first, [one.edit for one in edits.of(db, about)])
        households.put(db, about, now)
        doubles.put(db, about, now.household)
        sought.put(db, about, now.household)


def _forget(db: Database, stream: Stream, seq: int) -> None:
    """A household's edits go with it, whatever their own places are."""
    households.drop(db, stream, seq)
    edits.drop_orphans(db)
    doubles.drop_orphans(db)
    sought.drop_orphans(db)


projection = Projection(households.migrations, _apply, _forget)
