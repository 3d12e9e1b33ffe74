"""The links that a drain is measured on: facts about satellites, not about this machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Handover:
    """The dish turns to the next satellite: at the end of each period packets are late or lost."""

    every_ms: int
    lasts_ms: int
    loss: float
    later_ms: int


@dataclass(frozen=True, slots=True)
class Duty:
    """The link is there for ``up_ms`` out of every ``every_ms``, from the beginning on."""

    up_ms: int
    every_ms: int


@dataclass(frozen=True, slots=True)
class Sky:
    """One kind of link, the same both ways.

    Attributes:
        way_ms: one way, for a packet that waits for nothing.
        jitter_ms: as much more or less, at most; packets stay in order.
        loss: share of the packets that fade on the way, after they took their link time.
        queue_ms: what would wait longer before the link is dropped.
    """

    name: str
    rate_kbit: int
    way_ms: int
    jitter_ms: int
    loss: float
    handover: Handover | None = None
    duty: Duty | None = None
    queue_ms: int = 1_000

    @property
    def open_share(self) -> float:
        return self.duty.up_ms / self.duty.every_ms if self.duty else 1.0

    @property
    def bytes_a_s(self) -> float:
        """On average, open or not."""
        return self.rate_kbit * 1000 / 8 * self.open_share

    def is_open(self, at_ms: float) -> bool:
        """``at_ms``: since the link's beginning."""
        return self.duty is None or at_ms % self.duty.every_ms < self.duty.up_ms

    def turns(self, at_ms: float) -> Handover | None:
        """The handover that goes on at this moment."""
        over = self.handover
        if over is None or at_ms % over.every_ms < over.every_ms - over.lasts_ms:
            return None
        return over


SKIES = {
    sky.name: sky
    for sky in (
        Sky("geo", rate_kbit=256, way_ms=300, jitter_ms=10, loss=0.02),
        Sky(
            "starlink",
            rate_kbit=20_000,
            way_ms=20,
            jitter_ms=6,
            loss=0.005,
            handover=Handover(every_ms=15_000, lasts_ms=200, loss=0.3, later_ms=60),
        ),
        Sky(
            "bgan",
            rate_kbit=64,
            way_ms=300,
            jitter_ms=10,
            loss=0.0,
            duty=Duty(up_ms=60_000, every_ms=120_000),
        ),
    )
}
