"""Records for the simulator: one kind a lane, each with a token that is found again."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane
from sync.wire.records import Record

MARKER = "NEZLAM-SIM-"  # in every record; the broker must never see it


@dataclass(frozen=True, slots=True)
class Urgent:
    kind: ClassVar[str] = "sim.urgent"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 1

    token: str


@dataclass(frozen=True, slots=True)
class People:
    kind: ClassVar[str] = "sim.people"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 1

    token: str


@dataclass(frozen=True, slots=True)
class Work:
    kind: ClassVar[str] = "sim.work"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 1

    token: str


@dataclass(frozen=True, slots=True)
class Media:
    kind: ClassVar[str] = "sim.media"
    lane: ClassVar[Lane] = Lane.MEDIA
    retention_hours: ClassVar[int] = 1

    token: str


_BY_LANE: dict[Lane, type[Urgent | People | Work | Media]] = {
    cls.lane: cls for cls in (Urgent, People, Work, Media)
}


def token(number: int) -> str:
    return f"{MARKER}{number:06d}"


def a_record(lane: Lane, number: int) -> Record:
    return _BY_LANE[lane](token(number))
