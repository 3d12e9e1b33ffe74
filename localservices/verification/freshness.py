"""How old what is relied on may be: still good, time to synchronise, or too old to say anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 24 * 3600


class Freshness(StrEnum):
    FRESH = "fresh"
    AGEING = "ageing"  # still good, and time to synchronise
    STALE = "stale"  # too old to accept by, or to turn away by


@dataclass(frozen=True, slots=True)
class Policy:
    """From which age on, in seconds, a list ages and is stale."""

    ageing_s: int
    stale_s: int

    def of(self, age_s: int | None) -> Freshness:
        """None: nobody says how old it is, which is as good as too old."""
        if age_s is None or age_s >= self.stale_s:
            return Freshness.STALE
        return Freshness.AGEING if age_s >= self.ageing_s else Freshness.FRESH


TRUST = Policy(14 * DAY_S, 60 * DAY_S)  # issuers change keys some times a year
STATUS = Policy(2 * DAY_S, 14 * DAY_S)  # papers are stolen every day
REGISTRY = Policy(3 * DAY_S, 30 * DAY_S)


def strictest(policies: Iterable[Policy | None], usual: Policy = TRUST) -> Policy:
    """For lists that serve together; None: one that says nothing, for which the usual holds."""
    all_of_them = [one or usual for one in policies] or [usual]
    return Policy(min(one.ageing_s for one in all_of_them), min(one.stale_s for one in all_of_them))
