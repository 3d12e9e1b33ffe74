"""What a judgement may rely on: whom to believe for what, what was revoked, and how old that is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from localservices.verification import freshness, trust
from localservices.verification.extensions import Extension
from localservices.verification.freshness import Policy
from localservices.verification.rules import Rules
from localservices.verification.trust import TrustList

if TYPE_CHECKING:
    from localservices.verification.status import Statuses


class Purpose(StrEnum):
    """What an issuer may be believed for."""

    HCERT = "hcert"
    EDOCUMENT = "edocument"
    MDOC = "mdoc"
    VC = "vc"
    VDS = "vds"
    PASSPORT = "passport"


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
    _by_purpose: dict[Purpose, TrustList] = field(default_factory=dict, repr=False)

    def trust(self, purpose: Purpose) -> TrustList:
        """Whom to believe for this, as old as the oldest list that says so."""
        if purpose not in self._by_purpose:
            found = [one for one in self.lists if one.serves(purpose)]
            whole = found[0] if len(found) == 1 else trust.merged(found)
            self._by_purpose[purpose] = whole
        return self._by_purpose[purpose]

    def policy(self, purpose: Purpose | None) -> Policy:
        """How old the lists for this purpose may be; None: for none of them."""
        return (self.trust(purpose).policy if purpose else None) or freshness.TRUST

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
