"""What central's marks do to the outbox: how far each stream has come, and what may leave."""

from collections.abc import Callable

from sqlite_utils import Database

from sync.store import outbox, runs, streams
from sync.store.streams import Track
from sync.wire.places import Stream


def confirm(db: Database, marks: list[Track], at_ms: int) -> None:
    for track in marks:
        streams.set_marks(db, track.stream, track.held, track.backed_up)
        if track.held:
            outbox.pass_stage(db, track.stream, "held", track.held, at_ms)


def purging(stream: Stream, saved_before_ms: int) -> Callable[[Database], int]:
    """A job that drops one step's worth of a stream and gives its floor."""

    def job(db: Database) -> int:
        floor = outbox.purge(db, stream, saved_before_ms)
        runs.forget(db, stream, floor)
        return floor

    return job
