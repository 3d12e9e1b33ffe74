"""Functions of numbers."""

import math
from collections.abc import Callable

from localservices.applications.xforms.scope import Scope
from localservices.applications.xforms.values import Value, to_number


def numbers(scope: Scope, values: list[Value]) -> list[float]:
    """All numbers of all values; what is no number is NaN."""
    found: list[float] = []
    for value in values:
        if isinstance(value, list):
            found.extend(to_number([node], scope.zone) for node in value)
        else:
            found.append(to_number(value, scope.zone))
    return found


def _plain(work: Callable[..., float]) -> Callable[[Scope, list[Value]], Value]:
    """A function of numbers; where it has no value that is NaN."""

    def run(scope: Scope, values: list[Value]) -> Value:
        try:
            return float(work(*(to_number(value, scope.zone) for value in values)))
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    return run


def _round(number: float, places: float = 0) -> float:
    """Halves up, as XPath 1.0 section 4.4 says."""
    if not math.isfinite(number) or not math.isfinite(places):
        return number
    scale = 10.0 ** int(places)
    return math.floor(number * scale + 0.5) / scale


def _int(number: float) -> float:
    return float(math.trunc(number)) if math.isfinite(number) else number


def _log(number: float) -> float:
    return -math.inf if number == 0 else math.log(number)


def _log10(number: float) -> float:
    return -math.inf if number == 0 else math.log10(number)


def _sum(scope: Scope, values: list[Value]) -> Value:
    return math.fsum(one for one in numbers(scope, values) if not math.isnan(one))


def _extreme(pick: Callable[[list[float]], float]) -> Callable[[Scope, list[Value]], Value]:
    def run(scope: Scope, values: list[Value]) -> Value:
        found = [one for one in numbers(scope, values) if not math.isnan(one)]
        return pick(found) if found else math.nan

    return run


def _count(_scope: Scope, values: list[Value]) -> Value:
    return float(len(values[0])) if isinstance(values[0], list) else 1.0


def _count_filled(_scope: Scope, values: list[Value]) -> Value:
    if not isinstance(values[0], list):
        return 1.0
    return float(sum(1 for node in values[0] if node.text or node.children))


def _number(scope: Scope, values: list[Value]) -> Value:
    return to_number(values[0] if values else [scope.node], scope.zone)


def _random(scope: Scope, _values: list[Value]) -> Value:
    return scope.world.device.share()


FUNCTIONS = {
    "number": (0, 1, _number),
    "int": (1, 1, _plain(_int)),
    "round": (1, 2, _plain(_round)),
    "abs": (1, 1, _plain(abs)),
    "pow": (2, 2, _plain(math.pow)),
    "sqrt": (1, 1, _plain(math.sqrt)),
    "exp": (1, 1, _plain(math.exp)),
    "exp10": (1, 1, _plain(lambda number: math.pow(10, number))),
    "log": (1, 1, _plain(_log)),
    "log10": (1, 1, _plain(_log10)),
    "sin": (1, 1, _plain(math.sin)),
    "cos": (1, 1, _plain(math.cos)),
    "tan": (1, 1, _plain(math.tan)),
    "asin": (1, 1, _plain(math.asin)),
    "acos": (1, 1, _plain(math.acos)),
    "atan": (1, 1, _plain(math.atan)),
    "atan2": (2, 2, _plain(math.atan2)),
    "pi": (0, 0, lambda _scope, _values: math.pi),
    "sum": (1, None, _sum),
    "min": (1, None, _extreme(min)),
    "max": (1, None, _extreme(max)),
    "count": (1, 1, _count),
    "count-non-empty": (1, 1, _count_filled),
    "random": (0, 0, _random),
}
