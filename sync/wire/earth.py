"""Distances and directions on Earth, and whether a point lies within an area. Degrees, metres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sync.wire.kinds.hazard import DEGREE_E5

RADIUS_M = 6_371_008.8  # mean; a sphere is wrong by half a percent, which serves here
DEGREE_M = math.radians(1) * RADIUS_M  # of latitude


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84."""

    lat: float
    lon: float

    @property
    def e5(self) -> tuple[int, int]:
        """In 0.00001 of a degree, as records have it."""
        return round(self.lat * DEGREE_E5), round(self.lon * DEGREE_E5)


def point(lat_e5: int, lon_e5: int) -> Point:
    return Point(lat_e5 / DEGREE_E5, lon_e5 / DEGREE_E5)


def distance_m(one: Point, other: Point) -> float:
    """By the haversine formula."""
    lat_1, lat_2 = math.radians(one.lat), math.radians(other.lat)
    across = math.sin((lat_2 - lat_1) / 2) ** 2
    along = math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    chord = across + math.cos(lat_1) * math.cos(lat_2) * along
    return 2 * RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def bearing(one: Point, other: Point) -> float:
    """The direction from one to the other: 0 is north, 90 east."""
    lat_1, lat_2 = math.radians(one.lat), math.radians(other.lat)
    turn = math.radians(other.lon - one.lon)
    north = math.cos(lat_1) * math.sin(lat_2)
    north -= math.sin(lat_1) * math.cos(lat_2) * math.cos(turn)
    return math.degrees(math.atan2(math.sin(turn) * math.cos(lat_2), north)) % 360


def shifted(one: Point, east_m: float, north_m: float) -> Point:
    """A point so far away, for distances of a map; never beyond a pole."""
    lat = max(-90.0, min(90.0, one.lat + north_m / DEGREE_M))
    wide = max(math.cos(math.radians(one.lat)), 0.01)
    lon = one.lon + east_m / (DEGREE_M * wide)
    return Point(lat, (lon + 180) % 360 - 180)


def offset_m(one: Point, other: Point) -> tuple[float, float]:
    """How far east and north the other lies: the inverse of ``shifted``."""
    wide = max(math.cos(math.radians(one.lat)), 0.01)
    turn = (other.lon - one.lon + 180) % 360 - 180
    return turn * DEGREE_M * wide, (other.lat - one.lat) * DEGREE_M


def is_within(one: Point, corners: Sequence[Point]) -> bool:
    """Whether a polygon holds the point (even-odd rule); areas across the date line are not."""
    inside = False
    for start, end in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if (start.lat > one.lat) == (end.lat > one.lat):
            continue
        share = (one.lat - start.lat) / (end.lat - start.lat)
        if one.lon < start.lon + share * (end.lon - start.lon):
            inside = not inside
    return inside
