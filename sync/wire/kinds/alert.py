"""What central tells everybody: alerts (OASIS CAP 1.2), news; and what a centre says back."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane

HEADLINE_CHARS_MAX = 160  # as CAP advises
TEXT_CHARS_MAX = 2_000
AREA_CHARS_MAX = 200
POINTS_MAX = 100  # of a polygon
RADIUS_M_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class AlertText:
    """What an alert says in one language ("uk" or "en")."""

    language: str
    event: str
    headline: str
    description: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class AlertArea:
    """Where it holds. A circle, a polygon or both; neither: everywhere.

    Attributes:
        words: as people call it.
        circle: latitude and longitude in 0.00001 of a degree, and metres; or empty.
        polygon: latitude, longitude, latitude... in 0.00001 of a degree, first point not repeated.
    """

    words: str
    circle: tuple[int, ...] = ()
    polygon: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertIssued:
    """An alert; CAP's own words in its fields. Times are Unix seconds.

    ``references`` names the alert that an Update or a Cancel is about: identifier and sent time.
    """

    kind: ClassVar[str] = "alert.issued"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 30 * 24

    identifier: str
    sender: str
    sent_s: int
    expires_s: int
    msg_type: str  # Alert, Update or Cancel
    texts: tuple[AlertText, ...]
    area: AlertArea
    references: str = ""  # of the alert that it follows
    references_sent_s: int = 0
    urgency: str = "Immediate"
    severity: str = "Severe"
    certainty: str = "Observed"
    status: str = "Actual"


@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """A member of staff has seen an alert."""

    kind: ClassVar[str] = "alert.acknowledged"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    identifier: str
    seen_by: str


@dataclass(frozen=True, slots=True)
class NewsPublished:
    """Words for everybody at a centre. Times are Unix seconds."""

    kind: ClassVar[str] = "news.published"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 30 * 24

    title: str
    text: str
    said_by: str
    said_s: int
    region: str = ""  # the first characters of a KATOTTG code; empty: the whole country


@dataclass(frozen=True, slots=True)
class CentrePlaced:
    """Where the centre stands, as its settings say; told at each start."""

    kind: ClassVar[str] = "centre.placed"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    lat_e5: int  # 0.00001 of a degree
    lon_e5: int
    katottg: str = ""
