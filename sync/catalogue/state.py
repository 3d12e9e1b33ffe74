"""How the catalogue stands, for people: what is in force, how old it is, what is wrong."""

from dataclasses import dataclass
from enum import StrEnum

STALE_MS = 3 * 24 * 3600 * 1000  # central says something new each day; two may be missed


class Problem(StrEnum):
    """Why nothing newer was taken. What was in force stays in force."""

    ROLLBACK = "rollback"  # older than what is known here
    FROZEN = "frozen"  # nothing new came, though something must have been signed
    MIXED = "mixed"  # parts that do not belong together
    EXPIRED = "expired"  # an authority's signature has ended
    CLOCK = "clock"  # by central's time it is good, by this node's clock it has ended
    NO_ROOM = "no_room"
    FORGED = "forged"  # not signed by who may
    SPOILED = "spoiled"  # not readable
    OURS = "ours"  # the node made a mistake


class Standing(StrEnum):
    """Of one file."""

    IN_FORCE = "in_force"
    COMING = "coming"  # a newer one, or the first, is on its way
    STALE = "stale"  # nobody has said of late that it is the newest
    ENDED = "ended"  # its authority's signature has ended: nothing newer can be taken


@dataclass(frozen=True, slots=True)
class TargetState:
    """Times are Unix milliseconds; ``since_ms`` None: nothing is in force under this name yet."""

    name: str
    standing: Standing
    length: int
    since_ms: int | None = None
    confirmed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """``made_ms``: central's clock when it last signed what is believed here; None: never."""

    targets: tuple[TargetState, ...]
    problem: Problem | None = None
    made_ms: int | None = None
