"""The node's timetable: what is done again and again, and how often. The doing lives elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

HOST_EVERY_S = 60
HEALTH_EVERY_S = 300
HEALTH_FIRST_S = 5  # after the first reading of the host
PURGE_EVERY_S = 3_600
COURIER_EVERY_S = 1  # whoever brought a stick stands there and waits
LOOK_EVERY_S = 1  # at the roads: one may have stalled
LOCK_EVERY_S = 60  # a page that nobody opens can't end a session by itself


@dataclass(frozen=True, slots=True)
class Duty:
    """``act`` is done ``first_s`` after the start and then ``every_s`` after it was last begun.

    It is never begun while it still runs. What it raises is logged, and it is done again.
    """

    name: str
    act: Callable[[], object]
    every_s: int
    first_s: int = 0


def duties(
    read_host: Callable[[], object],
    tell_health: Callable[[], object],
    purge: Callable[[], object],
    lock_idle: Callable[[], object],
    health_every_s: int = HEALTH_EVERY_S,
) -> tuple[Duty, ...]:
    """What every node does."""
    return (
        Duty("read-host", read_host, HOST_EVERY_S),
        Duty("tell-health", tell_health, health_every_s, HEALTH_FIRST_S),
        Duty("purge", purge, PURGE_EVERY_S, HOST_EVERY_S),
        Duty("lock-idle", lock_idle, LOCK_EVERY_S, LOCK_EVERY_S),
    )


class Every(BaseTrigger):  # type: ignore[misc]
    """Counts from now, not from the time that was planned.

    A node may boot in 1970 and learn the date later. A trigger that counts on from its last time
    would then walk through half a century, a minute a step.
    """

    def __init__(self, duty: Duty) -> None:
        self._first = timedelta(seconds=duty.first_s)
        self._every = timedelta(seconds=duty.every_s)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + (self._first if previous_fire_time is None else self._every)


class Calendar(MemoryJobStore):  # type: ignore[misc]
    """Notices that the clock was put back: no duty is planned further ahead than ``longest_s``."""

    def __init__(self, longest_s: int) -> None:
        super().__init__()
        self._longest = timedelta(seconds=longest_s)

    def get_due_jobs(self, now: datetime) -> Any:
        for job in self.get_all_jobs():
            if job.next_run_time - now > self._longest:
                job.next_run_time = now
                self.update_job(job)
        return super().get_due_jobs(now)


class Timetable:
    """Does duties on threads of its own, from ``start`` to ``stop``."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": Calendar(max(max(d.every_s, d.first_s) for d in duties))},
            executors={"default": ThreadPoolExecutor(len(duties))},
            # Late is better than never, and what was missed several times is done once.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for duty in duties:
            self._scheduler.add_job(duty.act, Every(duty), id=duty.name, name=duty.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self._scheduler.shutdown(wait=True)
