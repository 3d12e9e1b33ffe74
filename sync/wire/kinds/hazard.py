"""Explosive hazards: the least that must be known at once, and what is told of it later.

Fields after GICHD's minimum data requirements (IMAS 05.10) and the nine-line report of the UN.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sync.wire.hazard_codes import REF_BYTES
from sync.wire.lanes import Lane

LANDMARK_BYTES_MAX = 40  # UTF-8; longer words travel in the details
COUNT_MAX = 65_535  # people, metres, objects
DEGREE_E5 = 100_000
LATITUDE_E5_MAX, LONGITUDE_E5_MAX = 90 * DEGREE_E5, 180 * DEGREE_E5
TEXT_CHARS_MAX = 1_000


class Device(StrEnum):
    """What it looks like. New ones are added at the end: the short form counts them."""

    UNKNOWN = "unknown"
    AP_MINE = "ap_mine"
    AT_MINE = "at_mine"
    SUBMUNITION = "submunition"
    UXO = "uxo"  # fired, and did not explode
    AXO = "axo"  # left behind, never fired
    IED = "ied"  # improvised, or a booby trap


class Lies(StrEnum):
    """Where it lies."""

    SURFACE = "surface"
    BURIED = "buried"
    BUILDING = "building"
    WATER = "water"


class Threatened(StrEnum):
    """What it endangers."""

    HOMES = "homes"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    ROAD = "road"
    FIELD = "field"
    WATER_SUPPLY = "water_supply"
    POWER = "power"


class Standing(StrEnum):
    """How far central has come with it."""

    OPEN = "open"
    HANDED_OVER = "handed_over"  # those who clear it have it
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HazardReported:
    """Somebody saw something that may explode. What it is and where: by a point, words or both.

    Attributes:
        device: a Device.
        lat_e5, lon_e5: WGS 84, in 0.00001 of a degree (1.1 m); both or neither.
        accuracy_m: how far off the point may be.
        landmark: at most LANDMARK_BYTES_MAX of UTF-8.
        near_to: ref of an earlier report of the same place, which this one adds to.
    """

    kind: ClassVar[str] = "hazard.reported"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 30 * 24

    device: str
    lat_e5: int | None = None
    lon_e5: int | None = None
    accuracy_m: int | None = None
    landmark: str = ""
    people_near: int | None = None
    marked: bool | None = None
    near_to: bytes = b""


@dataclass(frozen=True, slots=True)
class HazardDetailed:
    """What else is known of a hazard. Its photos are media files about the report."""

    kind: ClassVar[str] = "hazard.detailed"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id of the report
    told_by: str  # the member of staff
    place: str = ""  # in words, whole
    looks: str = ""  # size, colour, markings
    count: int | None = None
    lies: str | None = None  # a Lies
    threatens: tuple[str, ...] = ()  # Threatened, each
    how_marked: str = ""
    cbrn: bool | None = None  # signs of chemical, biological or radioactive matter
    reporter_name: str = ""
    reporter_phone: str = ""


@dataclass(frozen=True, slots=True)
class HazardSettled:
    """Central says how far it has come with a hazard."""

    kind: ClassVar[str] = "hazard.settled"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id of the report
    standing: str  # a Standing
    settled_by: str


def is_sound(record: HazardReported) -> bool:
    """Whether it says what it is and where, within every bound; else it belongs in quarantine."""
    counts = (record.accuracy_m, record.people_near)
    return (
        record.device in list(Device)
        and is_point(record.lat_e5, record.lon_e5)
        and all(one is None or 0 <= one <= COUNT_MAX for one in counts)
        and len(record.landmark.encode()) <= LANDMARK_BYTES_MAX
        and len(record.near_to) in (0, REF_BYTES)
        and (record.lat_e5 is not None or record.landmark != "")
    )


def is_point(lat_e5: int | None, lon_e5: int | None) -> bool:
    """Whether the two are a place on Earth, or are both not there."""
    if lat_e5 is None or lon_e5 is None:
        return lat_e5 is lon_e5
    return abs(lat_e5) <= LATITUDE_E5_MAX and abs(lon_e5) <= LONGITUDE_E5_MAX
