"""The interface of neighbours' verifiers at this node, joined from its keys, clocks and store."""

from collections.abc import Callable, Sequence

from flask import Blueprint

from edge import clock
from edge.config import Config
from edge.timekeeping import Timekeeper
from localservices.verification import record
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours import api
from localservices.verification.neighbours.keys import ApiKeys
from localservices.verification.neighbours.means import Judged, Means
from sync.store.errors import StoreFailedError, StoreFullError
from sync.store.store import Store


def keys_of(config: Config) -> ApiKeys:
    return ApiKeys(config.data)


def create_pages(
    config: Config, store: Store, known: Callable[[], Knowledge], time: Timekeeper
) -> Blueprint:
    """``known`` gives what is in force."""

    def when() -> When:
        return When(clock.wall_ms(), time.stamp().not_before_ms)

    def keep(judged: Sequence[Judged], checked_by: str) -> bool:
        return kept(store, judged, checked_by)

    return api.create_pages(Means(keys_of(config), known, when, keep, clock.monotonic_ms))


def kept(store: Store, judged: Sequence[Judged], checked_by: str) -> bool:
    """Write down what was judged, as the desk does; False: nothing could be written."""
    records = [
        record.of(verdict, record.fingerprint(verdict, text), checked_by)
        for text, verdict in judged
    ]
    try:
        store.write_together([(one, None) for one in records])
    except (StoreFullError, StoreFailedError):
        return False
    return True
