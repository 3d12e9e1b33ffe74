"""How long to wait before dialling again."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Full jitter: a uniform share of a ceiling that doubles with each failure.

    A flap costs a second or so, for the first ceiling is low. After a blackout the jitter spreads
    thirty thousand nodes over the last ceiling, so that they do not all shake hands at once
    (Brooker, "Exponential Backoff And Jitter", 2015).

    Attributes:
        share: uniform in [0, 1); ``random.Random(seed).random`` in tests.
        floor_ms: the first ceiling.
        ceiling_ms: the last ceiling.
        steady_ms: a connection that lived as long was a good one. A shorter one counts as one
            more failure: perhaps two machines with one identity push each other out.
    """

    share: Callable[[], float]
    floor_ms: int = 2_000
    ceiling_ms: int = 90_000
    steady_ms: int = 30_000
    failures: int = field(default=0, init=False)

    def next_delay_ms(self) -> int:
        """Count one more failure and say how long to wait, in 0..ceiling_ms."""
        # Beyond 32 doublings every ceiling is reached, and the number need not grow for ever.
        ceiling = min(self.ceiling_ms, self.floor_ms << min(self.failures, 32))
        self.failures += 1
        return min(int(self.share() * ceiling), ceiling)

    def lived(self, lived_ms: int) -> None:
        """Tell how long the connection that just ended had been up."""
        if lived_ms >= self.steady_ms:
            self.failures = 0
