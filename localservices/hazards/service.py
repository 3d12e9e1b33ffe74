"""Reporting hazards, finding those nearby, and how far each has come. Knows no HTTP and no HTML."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from localservices import once
from localservices.desk import Desk
from localservices.hazards import hazards
from localservices.hazards.forms import Said
from localservices.hazards.hazards import Known
from localservices.places import place_of
from sync.store.store import Journey, Receipt
from sync.wire import earth, hazard_codes, short
from sync.wire.earth import DEGREE_M, Point
from sync.wire.kinds.hazard import DEGREE_E5, HazardDetailed
from sync.wire.lanes import Lane
from sync.wire.short import Short

SHOWN_MAX = 200
SAME_PLACE_M = 100  # closer than this an earlier report may be of the same thing
_DAY_MS = 86_400_000

Brief = Callable[[Short], bytes]  # signs and seals the short form


class Age(StrEnum):
    """How old a report is; each has its own shape on the map."""

    FRESH = "fresh"  # not a day old
    WEEK = "week"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Nearby:
    """A report with its distance and direction from where the reader stands; None: not known."""

    known: Known
    distance_m: float | None
    bearing: float | None
    age: Age

    @property
    def point(self) -> Point | None:
        return point_of(self.known)


@dataclass(frozen=True, slots=True)
class Found:
    """A report of this node. ``known`` is None while the working set is locked."""

    public_id: str
    ref: bytes
    journey: Journey | None  # None: it has left, behind central's backup
    known: Known | None
    told: tuple[HazardDetailed, ...]
    first: Known | None  # the earlier report that it adds to
    linked: tuple[Known, ...]

    @property
    def code(self) -> str:
        return hazard_codes.code_of(self.ref)


def report(desk: Desk, said: Said) -> Receipt:
    """Write a hazard down, its least first; the same form again writes nothing more.

    Raises:
        StoreFullError, StoreFailedError: not all of it was saved; send the form again.
    """
    receipt = desk.store.write(said.report, said.form_id)
    if said.place:
        told = HazardDetailed(receipt.public_id, desk.staff_name, place=said.place)
        desk.store.write(told, once.of_part(said.form_id, 1))
    return receipt


def same_place(desk: Desk, said: Said) -> tuple[Nearby, ...]:
    """Earlier reports that may be of the same thing; none while the working set is locked."""
    one = said.report
    if not desk.can_read or one.lat_e5 is None or one.lon_e5 is None:
        return ()
    here = earth.point(one.lat_e5, one.lon_e5)
    reach_m = max(SAME_PLACE_M, one.accuracy_m or 0)
    with desk.reading() as db:
        reach_e5 = int(reach_m / DEGREE_M * DEGREE_E5) + 1
        found = hazards.within(db, one.lat_e5 - reach_e5, one.lat_e5 + reach_e5)
    seen = [_nearby(known, here, desk.now_ms()) for known in found]
    return _sorted([near for near in seen if (near.distance_m or 0) <= reach_m])


def around(desk: Desk, here: Point | None) -> tuple[Nearby, ...]:
    """All reports, the nearest first, those without a point at the end. Raises LockedError."""
    with desk.reading() as db:
        found = hazards.newest(db, SHOWN_MAX)
    return _sorted([_nearby(known, here, desk.now_ms()) for known in found])


def find(desk: Desk, public_id: str) -> Found | None:
    """None: no such report of this node."""
    place = place_of(desk.store, public_id, Lane.URGENT)
    if place is None:
        return None
    ref = hazard_codes.ref_of(desk.store.node_id, *place)
    journey = desk.store.journey(*place)
    if not desk.can_read:
        return Found(public_id, ref, journey, None, (), None, ()) if journey else None
    with desk.reading() as db:
        known = hazards.by_public_id(db, public_id)
        if known is None:
            return None
        near_to = known.report.near_to
        first = hazards.by_ref(db, near_to) if near_to else None
        told, linked = hazards.told_of(db, public_id), hazards.linked_to(db, ref)
    return Found(public_id, ref, journey, known, tuple(told), first, tuple(linked))


def brief_text(known: Known, brief: Brief) -> str:
    """The short form as text, for an SMS or a radio while no link is open."""
    return short.text(brief(Short(known.ref, known.saved_ms // 1000, known.report)))


def point_of(known: Known) -> Point | None:
    one = known.report
    return None if one.lat_e5 is None or one.lon_e5 is None else earth.point(one.lat_e5, one.lon_e5)


def geojson(found: tuple[Nearby, ...]) -> dict[str, object]:
    """A FeatureCollection (RFC 7946); a report without a point has a null geometry."""
    return {"type": "FeatureCollection", "features": [_feature(one.known) for one in found]}


def _feature(known: Known) -> dict[str, object]:
    point, one = point_of(known), known.report
    return {
        "type": "Feature",
        "id": known.public_id,
        "geometry": point and {"type": "Point", "coordinates": [point.lon, point.lat]},
        "properties": {
            "code": known.code,
            "device": one.device,
            "reported_ms": known.saved_ms,
            "accuracy_m": one.accuracy_m,
            "landmark": one.landmark,
            "people_near": one.people_near,
            "marked": one.marked,
            "standing": known.standing,
        },
    }


def _nearby(known: Known, here: Point | None, now_ms: int) -> Nearby:
    point, age = point_of(known), _age(now_ms - known.saved_ms)
    if point is None or here is None:
        return Nearby(known, None, None, age)
    return Nearby(known, earth.distance_m(here, point), earth.bearing(here, point), age)


def _age(span_ms: int) -> Age:
    if span_ms < _DAY_MS:
        return Age.FRESH
    return Age.WEEK if span_ms < 7 * _DAY_MS else Age.OLD


def _sorted(found: list[Nearby]) -> tuple[Nearby, ...]:
    far = float("inf")
    return tuple(sorted(found, key=lambda one: far if one.distance_m is None else one.distance_m))
