"""UTM and MGRS, as they stand on military maps (NGA.STND.0037), to degrees on WGS 84.

The transverse Mercator inverse is Krüger's series to the fourth order: a millimetre within a zone.
"""

import math
import re

from sync.wire.earth import Point

_BANDS = "CDEFGHJKLMNPQRSTUVWX"  # 8 degrees each from 80 south
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_ROWS_M = 2_000_000  # after which rows begin anew
_MGRS = re.compile(rf"(\d\d?)([{_BANDS}])([A-HJ-NP-Z])([{_ROWS}])((?:\d\d){{1,5}})")
_UTM = re.compile(rf"(\d\d?)\s*([{_BANDS}])\s*[E,]?\s*(\d{{6}})\s*M?[E,]*\s*(\d{{6,7}})\s*M?N?")

_FLATTENING = 1 / 298.257223563
_AXIS_M = 6_378_137.0
_SCALE = 0.9996
_N = _FLATTENING / (2 - _FLATTENING)
_ARC_M = _AXIS_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_DELTA = (
    2 * _N - 2 * _N**2 / 3 - 2 * _N**3 + 116 * _N**4 / 45,
    7 * _N**2 / 3 - 8 * _N**3 / 5 - 227 * _N**4 / 45,
    56 * _N**3 / 15 - 136 * _N**4 / 35,
    4279 * _N**4 / 630,
)


def read(text: str) -> Point | None:
    """The middle of the square that was named; None: it is no grid reference. Raises ValueError."""
    closed = re.sub(r"[\s-]", "", text)
    if (found := _MGRS.fullmatch(closed)) is not None:
        zone, band, column, row, digits = found.groups()
        return _of_square(int(zone), band, column + row, digits)
    if (found := _UTM.fullmatch(text)) is not None:
        zone, band, east, north = found.groups()
        return _inverse(_zone(zone), float(east), float(north), is_south=band < "N")
    return None


def _of_square(zone: int, band: str, square: str, digits: str) -> Point:
    columns = _COLUMNS[(_zone(zone) - 1) % 3]
    if square[0] not in columns:
        raise ValueError("no such square in this zone")
    size = 10 ** (5 - len(digits) // 2)
    half = len(digits) // 2
    east = (columns.index(square[0]) + 1) * 100_000 + int(digits[:half]) * size + size / 2
    row = (_ROWS.index(square[1]) - (5 if zone % 2 == 0 else 0)) % 20
    north = row * 100_000 + int(digits[half:]) * size + size / 2
    is_south = band < "N"
    # Of the rows of this letter, the one that lies in the band.
    low = _BANDS.index(band) * 8 - 80
    high = 84 if band == "X" else low + 8
    for turns in range(6):
        found = _inverse(zone, east, north + turns * _ROWS_M, is_south=is_south)
        if low - 0.5 <= found.lat <= high + 0.5:  # squares on an edge belong to both
            return found
    raise ValueError("no such square in this band")


def _zone(said: str | int) -> int:
    zone = int(said)
    if not 1 <= zone <= 60:
        raise ValueError("zones go from 1 to 60")
    return zone


def _inverse(zone: int, east_m: float, north_m: float, *, is_south: bool) -> Point:
    xi = (north_m - (10_000_000 if is_south else 0)) / (_SCALE * _ARC_M)
    eta = (east_m - 500_000) / (_SCALE * _ARC_M)
    xi_plain, eta_plain = xi, eta
    for order, beta in enumerate(_BETA, start=1):
        xi_plain -= beta * math.sin(2 * order * xi) * math.cosh(2 * order * eta)
        eta_plain -= beta * math.cos(2 * order * xi) * math.sinh(2 * order * eta)
    chi = math.asin(max(-1.0, min(1.0, math.sin(xi_plain) / math.cosh(eta_plain))))
    lat = chi + sum(
        delta * math.sin(2 * order * chi) for order, delta in enumerate(_DELTA, start=1)
    )
    turn = math.atan2(math.sinh(eta_plain), math.cos(xi_plain))
    lon = zone * 6 - 183 + math.degrees(turn)
    return Point(math.degrees(lat), (lon + 180) % 360 - 180)
