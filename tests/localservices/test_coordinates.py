"""Coordinates as people type, dictate and copy them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.hazards import coordinates
from sync.wire import earth
from sync.wire.earth import Point

KYIV = Point(50.4501, 30.5234)
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


def near(found: Point, meant: Point, within_m: float = 1.5) -> bool:
    return earth.distance_m(found, meant) <= within_m


@pytest.mark.parametrize(
    "typed",
    [
        "50.4501, 30.5234",
        "50.4501,30.5234",
        "50,4501 30,5234",
        "50,4501; 30,5234",
        "50.4501N 30.5234E",
        "N50.4501 E30.5234",
        "30.5234 E, 50.4501 N",
        "50°27'0.36\"N 30°31'24.24\"E",
        "50° 27' 0,36″ пн.ш., 30° 31' 24,24″ сх.д.",
        "Пн 50° 27,006' Сх 30° 31,404'",
        "50-27-0.36N 30-31-24.24E",
        "geo:50.4501,30.5234;u=35",
        "(50.4501; 30.5234)",
    ],
)
def test_one_place_is_found_however_it_is_written(typed: str) -> None:
    assert near(coordinates.read(typed), KYIV)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("31U DQ 48251 11932", Point(48.858222, 2.2945)),  # the Eiffel tower
        ("31UDQ4825111932", Point(48.858222, 2.2945)),
        ("17T 630084 4833438", Point(43.642567, -79.387139)),  # the CN tower
        ("17 T 630084mE 4833438mN", Point(43.642567, -79.387139)),
    ],
)
def test_grids_of_maps_are_read_as_their_makers_say(typed: str, meant: Point) -> None:
    assert near(coordinates.read(typed), meant, 12)


@given(latitudes, longitudes)
def test_every_point_written_in_degrees_comes_back(lat: float, lon: float) -> None:
    meant = Point(lat, lon)
    assert near(coordinates.read(f"{lat:.6f}, {lon:.6f}"), meant)
    comma = f"{lat:.6f} {lon:.6f}".replace(".", ",")
    assert near(coordinates.read(comma), meant)
    halves = "SN"[lat >= 0], "WE"[lon >= 0]
    parts = [_sexagesimal(abs(one)) + half for one, half in zip((lat, lon), halves, strict=True)]
    assert near(coordinates.read(" ".join(parts)), meant, 3)
    assert near(coordinates.read(", ".join(reversed(parts))), meant, 3)


def _sexagesimal(value: float) -> str:
    tenths = round(value * 36_000)
    return f"{tenths // 36_000}°{tenths // 600 % 60}'{tenths % 600 / 10:.1f}\""


@given(st.text(max_size=100))
def test_whatever_is_typed_is_a_place_on_earth_or_refused(typed: str) -> None:
    try:
        found = coordinates.read(typed)
    except ValueError:
        return
    assert abs(found.lat) <= 90
    assert abs(found.lon) <= 180


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "50,45",  # one number, or two whole ones: nobody can say
        "50.45",
        "91, 30",
        "50, 181",
        "50°61' 30°10'",
        "-50N 30E",
        "50N 30N",
        "50.5°10' 30°10'",
        "біля школи",
        "50.45 30.52 17",
        "61U DQ 48251 11932",
        "31U JQ 48251 11932",
        "1" * 81,
    ],
)
def test_what_could_be_read_in_two_ways_or_in_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        coordinates.read(typed)


@given(latitudes.filter(lambda lat: abs(lat) < 80), longitudes, st.floats(-9e3, 9e3))
def test_a_shift_on_the_map_is_undone_by_its_offset(lat: float, lon: float, by: float) -> None:
    start = Point(lat, lon)
    east, north = earth.offset_m(start, earth.shifted(start, by, -by))
    assert east == pytest.approx(by, abs=0.01)
    assert north == pytest.approx(-by, abs=0.01)


def test_directions_and_distances_are_those_of_a_globe() -> None:
    assert earth.bearing(KYIV, Point(51.4501, 30.5234)) == pytest.approx(0)
    assert earth.bearing(KYIV, Point(50.4501, 30.6)) == pytest.approx(90, abs=0.1)
    kharkiv = Point(49.9935, 36.2304)
    assert earth.distance_m(KYIV, kharkiv) == pytest.approx(409_500, rel=0.005)


def test_a_polygon_holds_what_is_in_it() -> None:
    square = [Point(0, 0), Point(0, 2), Point(2, 2), Point(2, 0)]
    assert earth.is_within(Point(1, 1), square)
    assert not earth.is_within(Point(1, 3), square)
    assert not earth.is_within(Point(-1, 1), square)
