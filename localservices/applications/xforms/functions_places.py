"""Functions of places on the Earth, which is taken for a sphere as ODK's engine takes it."""

import math
from itertools import pairwise

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.functions_text import texts
from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.values import Value, to_text

RADIUS_M = 6_378_100.0
POINTS_MAX = 10_000

Point = tuple[float, float]  # latitude and longitude, degrees


def points(text: str) -> list[Point]:
    """Of "latitude longitude altitude accuracy; ...". Raises EvaluationError."""
    found: list[Point] = []
    for part in text.split(";"):
        if not part.strip():
            continue
        try:
            latitude, longitude = map(float, part.split()[:2])
        except ValueError as error:
            raise EvaluationError(f"{part.strip()[:40]!r} is no place") from error
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise EvaluationError(f"{part.strip()[:40]!r} is no place on the Earth")
        found.append((latitude, longitude))
    if len(found) > POINTS_MAX:
        raise EvaluationError(f"more than {POINTS_MAX} places")
    return found


def _all_points(scope: Scope, values: list[Value]) -> list[Point]:
    return [point for text in texts(scope, values) for point in points(text)]


def _area(scope: Scope, values: list[Value]) -> Value:
    """Square metres within a ring, laid flat around its first point as ODK's engine does."""
    ring = _all_points(scope, values)
    if len(ring) < 3:
        return 0.0
    degree_m = math.pi * RADIUS_M / 180
    (first_lat, first_lon), *_ = ring
    flat = [
        ((lon - first_lon) * degree_m * math.cos(math.radians(lat)), (lat - first_lat) * degree_m)
        for lat, lon in ring
    ]
    return (
        abs(math.fsum(y1 * x2 - x1 * y2 for (x1, y1), (x2, y2) in pairwise([*flat, flat[0]]))) / 2
    )


def _distance(scope: Scope, values: list[Value]) -> Value:
    """Metres along a line."""
    line = _all_points(scope, values)
    return math.fsum(_between(a, b) for a, b in pairwise(line))


def _between(one: Point, other: Point) -> float:
    """By the haversine."""
    lat, lat_other = math.radians(one[0]), math.radians(other[0])
    high = math.sin((lat_other - lat) / 2) ** 2
    wide = math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2 * RADIUS_M * math.asin(math.sqrt(high + math.cos(lat) * math.cos(lat_other) * wide))


def _geofence(scope: Scope, values: list[Value]) -> Value:
    """Whether a place lies within a ring."""
    place = points(to_text(values[0], scope.zone))
    ring = points(to_text(values[1], scope.zone))
    if not place or len(ring) < 4:
        return False
    y, x = place[0]
    inside = False
    for (y1, x1), (y2, x2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


FUNCTIONS = {
    "area": (1, 1, _area),
    "distance": (1, None, _distance),
    "geofence": (2, 2, _geofence),
}
