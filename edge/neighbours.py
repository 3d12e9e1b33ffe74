"""The interface of neighbours' verifiers at this node, joined from its keys, clocks and store."""

from collections.abc import Callable, Sequence

from flask import Blueprint

from edge import clock
from edge.config import Config
from edge.timekeeping import Timekeeper
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours import api
from localservices.verification.neighbours.keys import ApiKeys
from localservices.verification.neighbours.means import Means
from sync.store.errors import StoreFailedError, StoreFullError
from sync.store.store import Store
from sync.wire.kinds.document import DocumentChecked


def keys_of(config: Config) -> ApiKeys:
    return ApiKeys(config.data)


def create_pages(
    config: Config, store: Store, known: Callable[[], Knowledge], time: Timekeeper
) -> Blueprint:
    """``known`` gives what is in force."""

    def when() -> When:
        return When(clock.wall_ms(), time.stamp().not_before_ms)

    def keep(checks: Sequence[DocumentChecked]) -> bool:
        return kept(store, checks)

    return api.create_pages(Means(keys_of(config), known, when, keep, clock.monotonic_ms))


def kept(store: Store, checks: Sequence[DocumentChecked]) -> bool:
    """Write them down as the desk does its own; False: nothing could be written."""
    try:
        store.write_together([(one, None) for one in checks])
    except (StoreFullError, StoreFailedError):
        return False
    return True
