"""A map that the node draws itself: grid, scale, north, and marks whose shape tells their age."""

from collections.abc import Iterable
from dataclasses import dataclass

from localservices.hazards.service import Nearby
from sync.wire import earth
from sync.wire.earth import Point

SIZE_PX = 320  # fits a telephone; a click is told in these pixels, so it is never scaled
SPANS_M = (500, 2_000, 10_000, 50_000, 200_000)  # what the map is wide
SPAN_USUAL_M = 10_000
_LINES = 5


@dataclass(frozen=True, slots=True)
class View:
    """What a map shows: a square around a point."""

    middle: Point
    span_m: int

    def pixel(self, point: Point) -> tuple[float, float]:
        east, north = earth.offset_m(self.middle, point)
        scale = SIZE_PX / self.span_m
        return SIZE_PX / 2 + east * scale, SIZE_PX / 2 - north * scale

    def point(self, x: int, y: int) -> Point:
        """What a click meant; one outside of the map means its edge."""
        scale = self.span_m / SIZE_PX
        x, y = (max(0, min(SIZE_PX, one)) - SIZE_PX // 2 for one in (x, y))
        return earth.shifted(self.middle, x * scale, -y * scale)

    @property
    def click_m(self) -> int:
        """How exact a finger is: some eight pixels."""
        return max(1, round(8 * self.span_m / SIZE_PX))


@dataclass(frozen=True, slots=True)
class Mark:
    """A report on the map. ``number`` is that of the list beside it, ``shape`` an Age."""

    x: float
    y: float
    number: int
    shape: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in pixels. ``step_m`` is what lies between two lines of the grid."""

    lines: tuple[float, ...]
    step_m: int
    step_px: float
    marks: tuple[Mark, ...]
    home: tuple[float, float] | None
    chosen: tuple[float, float] | None


def draw(
    view: View, found: Iterable[Nearby], home: Point | None, chosen: Point | None = None
) -> Drawing:
    """What lies outside of the map is left to the list."""
    step_m = _step_m(view.span_m)
    step_px = step_m * SIZE_PX / view.span_m
    reach = range(-_LINES * 2, _LINES * 2 + 1)
    lines = (SIZE_PX / 2 + number * step_px for number in reach)
    marks = [
        Mark(*view.pixel(one.point), number, one.age)
        for number, one in enumerate(found, start=1)
        if one.point is not None and _is_inside(view.pixel(one.point))
    ]
    return Drawing(
        tuple(one for one in lines if 0 < one < SIZE_PX),
        step_m,
        step_px,
        tuple(marks),
        view.pixel(home) if home else None,
        view.pixel(chosen) if chosen else None,
    )


def _step_m(span_m: int) -> int:
    """A fifth of the map, rounded to 1, 2 or 5 and zeros."""
    size = int(10 ** (len(str(span_m // _LINES)) - 1))
    return next(step * size for step in (5, 2, 1) if step * size <= span_m // _LINES)


def _is_inside(pixel: tuple[float, float]) -> bool:
    return all(0 <= one <= SIZE_PX for one in pixel)
