"""What a judgement may rely on: whom to believe for what, what was revoked, and how old that is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from localservices.verification import trust
from localservices.verification.extensions import Extension
from localservices.verification.rules import Rules
from localservices.verification.trust import TrustList

if TYPE_CHECKING:
    from localservices.verification.status import Statuses

_DAY_S = 24 * 3600


class Purpose(StrEnum):
    """What an issuer may be believed for."""

    HCERT = "hcert"
    EDOCUMENT = "edocument"
    MDOC = "mdoc"
    VC = "vc"
    VDS = "vds"
    PASSPORT = "passport"


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


TRUST = Policy(14 * _DAY_S, 60 * _DAY_S)  # issuers change keys some times a year
STATUS = Policy(2 * _DAY_S, 14 * _DAY_S)  # papers are stolen every day

REGISTRY = Policy(3 * _DAY_S, 30 * _DAY_S)


@dataclass(frozen=True, slots=True)
class When:
    """A moment by this machine's clock. Unix milliseconds.

    Attributes:
        passed_ms: a time that has surely passed; None: nobody knows.
    """

    at_ms: int
    passed_ms: int | None = None

    @property
    def is_doubtful(self) -> bool:
        return self.passed_ms is not None and self.at_ms < self.passed_ms


def _no_status(_uri: str) -> "Statuses | None":
    return None


@dataclass(frozen=True)
class Knowledge:
    """Made anew for each judgement from what is in force.

    Attributes:
        lists: of issuers; each says for what.
        status: the status list of that name; None: it is not here.
        rules: what is asked of health certificates; None: nothing.
        extensions: by which papers serve on after their end.
    """

    lists: tuple[TrustList, ...] = ()
    status: Callable[[str], "Statuses | None"] = _no_status
    rules: Rules | None = None
    extensions: tuple[Extension, ...] = ()
    trust_policy: Policy = TRUST
    status_policy: Policy = STATUS
    _by_purpose: dict[Purpose, TrustList] = field(default_factory=dict, repr=False)

    def trust(self, purpose: Purpose) -> TrustList:
        """Whom to believe for this, as old as the oldest list that says so."""
        if purpose not in self._by_purpose:
            found = [one for one in self.lists if one.serves(purpose)]
            whole = found[0] if len(found) == 1 else trust.merged(found)
            self._by_purpose[purpose] = whole
        return self._by_purpose[purpose]

    @property
    def issuers(self) -> int:
        """How many certificates there are, whatever they may sign."""
        return sum(len(found) for one in self.lists for found in one.by_kid.values())

    @property
    def made_at_ms(self) -> int | None:
        """When the oldest list was true; None: nobody says."""
        known = [one.made_at_ms for one in self.lists if one.made_at_ms is not None]
        return min(known, default=None)

    @property
    def is_superseded(self) -> bool:
        return any(one.is_superseded for one in self.lists)
