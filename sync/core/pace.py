"""How fast to send: window, batch size and patience out of what acks tell of the road.

Goodput is what was acked per time, as in Cardwell et al., "BBR: Congestion-Based Congestion
Control" (2016), section 3: loss is no sign of a full road where rain loses packets. Patience is
that of RFC 6298. Times are monotonic milliseconds, rates bytes per millisecond.
"""

from collections import deque
from dataclasses import dataclass

from sync.wire.limits import BATCH_BYTES_MAX, WINDOW_BYTES_MAX

BATCH_MS = 1_200  # link time of one batch: what an urgent record may find before it
BATCH_BYTES_MIN = 2 * 1024  # below this headers and signature outweigh the records
FIRST_BATCH_BYTES = 8 * 1024  # while nothing is known: a second of a 64 kbit/s link
FIRST_WINDOW_BYTES = 24 * 1024  # a little more than TCP starts with (RFC 6928)
PATIENCE_MS_MIN = 3_000  # a road is mostly TCP, which repairs most losses within this
PATIENCE_MS_UNKNOWN = 10_000
PATIENCE_MS_MAX = 300_000
USUAL = 8.0  # a 64 kbit/s link, while nothing is known
SLOWEST = 0.5  # 4 kbit/s: what measures less was waiting for something else than the road
HELD_BACK_MS_MAX = 5_000  # a wrong measure costs no more than this
PROBING = 1.1  # faster than measured, for only so a faster road is found out
GROWTH = 1.25
SAMPLES = 8  # the best of so many last ones counts
SAMPLE_MS = 20_000  # or of those that are no older
TRAINS = 3  # first acks whose distance is a measure as well; later ones may come in bursts
FLAT_ROUNDS = 3  # without such growth: the start is over
NEAR_MS = 100  # two roads that differ by less are one
FASTER = 0.7  # of the time that a batch should have taken: the road is another one now
DRIFT = 1 / 4  # of a batch: what one ack may correct upwards
LEAD = 1 / 16  # of a batch is still to go out when the next one is handed over


@dataclass(frozen=True, slots=True)
class Departure:
    """What was so when a batch left, without which its ack would tell nothing."""

    at_ms: int
    size: int
    delivered: int
    delivered_at_ms: int
    delivered_left_ms: int  # when what had arrived last by then had left
    starved: bool  # there was less to send than the road could take
    again: bool  # its ack may be that of the first copy (Karn's rule)


class Pace:
    """Told what leaves and what arrives; asked how much may leave, and when."""

    def __init__(self) -> None:
        self._rates: deque[tuple[int, float]] = deque(maxlen=SAMPLES)
        self._floor_ms: int | None = None  # shortest way there and back: the road's own length
        self._floor_before_ms: int | None = None  # of the road before
        self._rate_before: float | None = None  # before acks stopped coming
        self._smooth_ms: float | None = None
        self._spread_ms = 0.0
        self._delivered = 0
        self._delivered_at_ms = 0
        self._delivered_left_ms = 0
        self._wanted_at_ms = 0
        self._making_ms = 0.0
        self._starved_to = -1
        self._ready_at_ms = 0
        self._start()

    @property
    def rate(self) -> float | None:
        """Goodput; None: not measured yet."""
        return max((rate for _, rate in self._rates), default=None)

    @property
    def batch_bytes(self) -> int:
        """How much one batch may weigh on the wire."""
        rate = self.rate
        if rate is None or self._floor_ms is None:
            return FIRST_BATCH_BYTES
        if self._starting:  # the first acks tell of less than the road can
            return min(max(int(rate * BATCH_MS / 2), FIRST_BATCH_BYTES), BATCH_BYTES_MAX)
        return min(max(int(rate * BATCH_MS), BATCH_BYTES_MIN), BATCH_BYTES_MAX)

    @property
    def window_bytes(self) -> int:
        """How much may be on its way: what is in the air twice over, and some batches.

        More than fills the road: where a lost packet holds up what came after it, acks come late
        though the road goes on. What waits before the road is bounded by ``ready_at_ms``.
        """
        if self._floor_ms is None:
            window = FIRST_WINDOW_BYTES
        elif self._starting:
            window = max(FIRST_WINDOW_BYTES, 2 * self._air() + int(2 * BATCH_MS * (self.rate or 0)))
        else:
            window = 2 * self._air() + 3 * self.batch_bytes
        return min(window, WINDOW_BYTES_MAX)

    @property
    def ready_at_ms(self) -> int:
        """When the next batch may leave: the last one is nearly out by then.

        At the start only the window counts: what is measured then is how little was sent.
        """
        if self._starting:
            return 0
        lead_ms = LEAD * self.batch_bytes / (self.rate or USUAL) + self._making_ms
        return self._ready_at_ms - int(lead_ms)

    def patience_ms(self, in_flight: int, silences: int) -> int:
        """How long to wait for an ack of what is on its way, after so many waits in vain."""
        wait_ms = PATIENCE_MS_UNKNOWN
        if self._smooth_ms is not None:
            wait_ms = max(PATIENCE_MS_MIN, int(self._smooth_ms + 4 * self._spread_ms))
        wait_ms += int(in_flight / (self.rate or USUAL))
        return min(wait_ms << silences, PATIENCE_MS_MAX)

    def opened(self, now_ms: int) -> None:
        """A road is open: perhaps the one before, which the first answer tells. It is empty."""
        self._floor_before_ms, self._floor_ms = self._floor_ms or self._floor_before_ms, None
        if self._rate_before is not None:  # it fell when the road broke, not before
            self._rates.clear()
            self._rates.append((now_ms, self._rate_before))
            self._rate_before, self._starting = None, False
        self._ready_at_ms = self._delivered_at_ms = self._delivered_left_ms = now_ms

    def wanted(self, now_ms: int) -> None:
        """The next batch is about to be made."""
        self._wanted_at_ms = now_ms

    def left(self, size: int, in_flight: int, now_ms: int, *, again: bool) -> Departure:
        """A batch was handed to the road, on which ``in_flight`` bytes were before it."""
        if not in_flight:
            self._delivered_at_ms = self._delivered_left_ms = now_ms
        self._making_ms += (now_ms - self._wanted_at_ms - self._making_ms) / 4
        if self.rate is not None:
            self._hold_back(size, max(self._ready_at_ms, now_ms), now_ms)
        return Departure(
            now_ms,
            size,
            self._delivered,
            self._delivered_at_ms,
            self._delivered_left_ms,
            self._delivered <= self._starved_to or in_flight < self._air(),
            again,
        )

    def starved(self, in_flight: int) -> None:
        """There is nothing more to send: what comes of that is no measure of the road."""
        self._starved_to = self._delivered + in_flight

    def arrived(self, departures: list[Departure], in_flight: int, now_ms: int) -> None:
        """One ack spoke of these; ``in_flight`` bytes are still on their way."""
        self._rate_before = None
        size = sum(departure.size for departure in departures)
        train = size / max(1, now_ms - self._delivered_at_ms)  # if it left before the last ack
        queued = departures[0].delivered_at_ms < self._delivered_at_ms
        self._delivered += size
        self._delivered_at_ms = now_ms
        self._delivered_left_ms = departures[-1].at_ms
        first_copies = [departure for departure in departures if not departure.again]
        if first_copies:
            self._compare(first_copies[-1], now_ms)
            self._measure(first_copies[-1], now_ms, train if queued else 0.0)
        for departure in first_copies:
            self.answered(now_ms - departure.at_ms)
        # Much more than was reckoned is not queued: a lost packet held up its news.
        most_ms = max(self._ready_at_ms, now_ms) + int(
            DRIFT * self.batch_bytes / (self.rate or USUAL)
        )
        self._hold_back(max(0, in_flight - self._air()), now_ms, now_ms)
        self._ready_at_ms = min(self._ready_at_ms, most_ms)

    def answered(self, took_ms: int) -> None:
        """Something was answered after so long (RFC 6298, section 2).

        On a short road an ack may be here before it is noted that its batch has left.
        """
        took_ms = max(0, took_ms)
        if self._floor_ms is None and not self._is_as_before(took_ms):
            self._rates.clear()
            self._start()
        self._floor_ms = took_ms if self._floor_ms is None else min(self._floor_ms, took_ms)
        if self._smooth_ms is None:
            self._smooth_ms, self._spread_ms = took_ms, took_ms / 2
            return
        self._spread_ms += (abs(self._smooth_ms - took_ms) - self._spread_ms) / 4
        self._smooth_ms += (took_ms - self._smooth_ms) / 8

    def stalled(self, now_ms: int) -> None:
        """Acks stopped coming: start again, from half of what the road gave."""
        rate = self.rate
        self._rate_before = self._rate_before or rate
        self._rates.clear()
        if rate is not None:
            self._rates.append((now_ms, max(rate / 2, SLOWEST)))
        self._start()

    def _is_as_before(self, took_ms: int) -> bool:
        before_ms = self._floor_before_ms
        return before_ms is not None and before_ms / 2 <= took_ms <= 2 * before_ms + NEAR_MS

    def _start(self) -> None:
        self._starting = True
        self._flat_rounds = 0
        self._best_before = 0.0

    def _hold_back(self, queued: int, from_ms: int, now_ms: int) -> None:
        out_ms = from_ms + int(queued / ((self.rate or USUAL) * PROBING))
        self._ready_at_ms = min(out_ms, now_ms + HELD_BACK_MS_MAX)

    def _air(self) -> int:
        return int((self.rate or 0.0) * (self._floor_ms or 0))

    def _compare(self, departure: Departure, now_ms: int) -> None:
        """Start again on a road that became much faster than what was measured."""
        own_ms = departure.size / (self.rate or USUAL)
        if now_ms - departure.at_ms - (self._floor_ms or 0) < FASTER * own_ms:
            self._start()

    def _measure(self, departure: Departure, now_ms: int, train: float) -> None:
        leaving_ms = departure.at_ms - departure.delivered_left_ms
        took_ms = max(1, now_ms - departure.delivered_at_ms, leaving_ms)
        rate = max(SLOWEST, (self._delivered - departure.delivered) / took_ms)
        if len(self._rates) < TRAINS:  # the first acks tell of a round trip more than of the road
            rate = max(rate, min(train, 2 * (self.rate or 0.0)))
        if departure.starved and rate < (self.rate or 0.0):
            return
        self._rates.append((now_ms, rate))
        while self._rates[0][0] < now_ms - SAMPLE_MS:
            self._rates.popleft()
        if rate > self._best_before * GROWTH:
            self._best_before, self._flat_rounds = rate, 0
        elif not departure.starved:
            self._flat_rounds += 1
            self._starting = self._starting and self._flat_rounds < FLAT_ROUNDS
