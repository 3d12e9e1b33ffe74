"""What is old and backed up leaves the node: first the outbox, then what was projected from it."""

from sync.store.store import Store
from sync.store.working import Working

HOUR_MS = 3_600_000


def purge(store: Store, working: Working, saved_before_ms: int) -> None:
    """Drop records that central's backup holds and that were saved before; Unix milliseconds.

    Every floor is told each time: one that rose while the working set was locked would else
    never be heard there.

    Raises:
        StoreError: the disk refused; what was dropped until then stays dropped.
    """
    store.purge(saved_before_ms)
    working.forget({track.stream: track.floor for track in store.tracks() if track.floor})
