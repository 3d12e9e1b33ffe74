"""Document checks: what was judged, how, and by whom; the document only where policy says so."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane


@dataclass(frozen=True, slots=True)
class DocumentChecked:
    """A document was judged at the desk."""

    kind: ClassVar[str] = "document.checked"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    format: str
    document_type: str
    verdict: str
    reason: str
    payload_sha256: bytes  # empty: it was no signed message, whose hash tells nothing
    checked_by: str  # the member of staff
    issuer: str | None = None
    trust_age_s: int | None = None  # how old the trust list was; None: unknown
    document: str | None = None  # as it was read; None: the node's policy keeps none
