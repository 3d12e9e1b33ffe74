"""The node's inspection of documents, joined from what it knows, its clocks and its store."""

import os
from collections.abc import Callable
from functools import partial

from edge import clock
from edge.config import Config
from edge.grounds import Grounds
from edge.jobs import Duty
from edge.timekeeping import Timekeeper
from localservices.desk import Desk
from localservices.verification.service import Inspection
from sync.store.inbox import Inbox
from sync.store.store import Store
from sync.store.working import Working

AGAIN_EVERY_S = 60


def build(config: Config, grounds: Grounds, letters: Inbox, time: Timekeeper) -> Inspection:
    inspection = Inspection(
        grounds.in_force.knowledge,
        lambda: time.stamp().not_before_ms,
        clock.monotonic_ms,
        grounds.registries(letters),
        grounds.types,
    )
    inspection.keeps_documents = config.keep_documents
    return inspection


def duties(inspection: Inspection, store: Store, working: Working) -> tuple[Duty, ...]:
    """What ended in doubt is judged again, though nobody opens a page."""
    new_id: Callable[[], bytes] = partial(os.urandom, 16)
    desk = Desk(store, working, "", clock.wall_ms, new_id)

    def judge_again() -> None:
        inspection.look_again(desk)

    return (Duty("judge-again", judge_again, AGAIN_EVERY_S, AGAIN_EVERY_S),)
