"""Which of several roads to use now: the cheapest that answers, without changing one's mind often.

A road is *open* when its connection stands, and *stalls* when something was sent and nothing came
back for longer than it usually takes. A stalled road rests, ever longer, and is then tried again.
Of equal cost, one that is far slower than another is left to that one. A better road must prove
itself before it takes over, unless it never failed: at the start the best may be the last to open.
Times are monotonic milliseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

STALL_MS_MIN = 20_000  # the sender itself says hello again within less
STALL_FACTOR = 4  # times the usual answer
PROVE_MS = 30_000  # open for so long before a better road takes over from one that works
STAY_MS = 60_000  # between two changes that nothing forces
REST_MS, REST_MS_MAX = 60_000, 30 * 60_000
WELL_MS = 10 * 60_000  # of use without a stall: the next rest is short again
SLOW_MS, SLOW_FACTOR = 5_000, 4  # an answer takes longer, and so much longer than by another road
REMEMBER_MS = 30 * 60_000  # how long a measured answer says something


@dataclass(slots=True)
class _Road:
    cost: int
    place: int  # among the settings: decides between equals
    open_since_ms: int | None = None
    asked_ms: int | None = None  # the oldest word that nothing answered yet
    answer_ms: float = 0  # smoothed; 0: never measured
    answered_ms: int = 0  # when that was measured last
    is_untried: bool = True  # never in use, and never failed
    rest_until_ms: int = 0
    rest_ms: int = REST_MS

    def stall_at_ms(self) -> int | None:
        if self.asked_ms is None:
            return None
        return self.asked_ms + max(STALL_MS_MIN, int(STALL_FACTOR * self.answer_ms))

    def is_proved(self, now_ms: int) -> bool:
        is_open = self.open_since_ms is not None and now_ms - self.open_since_ms >= PROVE_MS
        return self.is_untried or is_open

    def knows_answer(self, now_ms: int) -> bool:
        return self.answer_ms > 0 and now_ms - self.answered_ms < REMEMBER_MS


class Chooser:
    """Told what happens on each road; says which is in use.

    Attributes:
        in_use: the road's name; None: all are closed.
    """

    def __init__(self, costs: Mapping[str, int]) -> None:
        """``costs``: 0 is free; of equal cost the first named is preferred."""
        self.in_use: str | None = None
        self._roads = {name: _Road(cost, place) for place, (name, cost) in enumerate(costs.items())}
        self._chosen_ms = 0

    def opened(self, name: str, now_ms: int) -> None:
        road = self._roads[name]
        road.open_since_ms, road.asked_ms = now_ms, None
        self.look(now_ms)

    def closed(self, name: str, now_ms: int) -> None:
        road = self._roads[name]
        road.is_untried = road.is_untried and road.open_since_ms is None
        road.open_since_ms = road.asked_ms = None
        self.look(now_ms)

    def sent(self, name: str, now_ms: int) -> None:
        """Something went to which the other end owes an answer."""
        road = self._roads[name]
        road.asked_ms = now_ms if road.asked_ms is None else road.asked_ms

    def heard(self, name: str, now_ms: int) -> None:
        road = self._roads[name]
        if road.asked_ms is not None:
            took_ms, road.answered_ms = now_ms - road.asked_ms, now_ms
            share = 1 / 4 if road.answer_ms else 1
            road.answer_ms += (took_ms - road.answer_ms) * share
        road.asked_ms = None
        self.look(now_ms)

    def look(self, now_ms: int) -> str | None:
        """Choose anew if there is reason to. Call at every event, and each second or so."""
        self._let_stalled_rest(now_ms)
        if not self._works(now_ms):
            best = self._best(now_ms, self._refuge_rank)
            if best != self.in_use:
                self._take(best, now_ms)
            return self.in_use
        best = self._best(now_ms, self._rank)
        if best is not None and best != self.in_use and self._may_change(best, now_ms):
            self._take(best, now_ms)
        return self.in_use

    def _let_stalled_rest(self, now_ms: int) -> None:
        for name, road in self._roads.items():
            stall_at_ms = road.stall_at_ms()
            if stall_at_ms is not None and now_ms >= stall_at_ms:
                if name == self.in_use and now_ms - self._chosen_ms >= WELL_MS:
                    road.rest_ms = REST_MS
                road.rest_until_ms = now_ms + road.rest_ms
                road.rest_ms = min(2 * road.rest_ms, REST_MS_MAX)
                road.asked_ms = None

    def _best(self, now_ms: int, rank: Callable[[_Road, int], tuple[int, ...]]) -> str | None:
        """The lowest open road that does not rest; where all rest, the one that does so least."""
        found = [
            (name, road) for name, road in self._roads.items() if road.open_since_ms is not None
        ]
        rested = [pair for pair in found if pair[1].rest_until_ms <= now_ms]
        if rested:
            return min(rested, key=lambda pair: rank(pair[1], now_ms))[0]
        if self.in_use is not None and any(name == self.in_use for name, _ in found):
            return self.in_use
        return min(found, key=lambda pair: pair[1].rest_until_ms)[0] if found else None

    def _refuge_rank(self, road: _Road, now_ms: int) -> tuple[int, ...]:
        """In need, too, the one that comes and goes stands behind the one that stays."""
        return not road.is_proved(now_ms), *self._rank(road, now_ms)

    def _rank(self, road: _Road, now_ms: int) -> tuple[int, ...]:
        """The lowest is the best."""
        others = [
            one.answer_ms if one.knows_answer(now_ms) else 0  # worth a try
            for one in self._roads.values()
            if one is not road and one.cost == road.cost and one.open_since_ms is not None
        ]
        is_slow = (
            bool(others)
            and road.knows_answer(now_ms)
            and (road.answer_ms > max(SLOW_MS, SLOW_FACTOR * min(others)))
        )
        return road.cost, is_slow, road.place

    def _works(self, now_ms: int) -> bool:
        """Whether the road in use is open and not at rest."""
        if self.in_use is None:
            return False
        road = self._roads[self.in_use]
        return road.open_since_ms is not None and road.rest_until_ms <= now_ms

    def _may_change(self, name: str, now_ms: int) -> bool:
        road = self._roads[name]
        stayed = now_ms - self._chosen_ms >= STAY_MS
        return road.is_untried or (stayed and road.is_proved(now_ms))

    def _take(self, name: str | None, now_ms: int) -> None:
        self.in_use, self._chosen_ms = name, now_ms
        if name is not None:
            self._roads[name].is_untried = False
