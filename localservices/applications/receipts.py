"""What an applicant takes along: a signed word of this node that the application was filed."""

from localservices.applications import service
from localservices.applications.applications import Known
from sync.wire.edocument import Filing, Mandate, receipt


def text(known: Known, title: str, mandate: Mandate) -> str:
    """The text of its QR code. Signed anew it says the same: it tells of the record alone."""
    filing = Filing(
        service=known.filed.service,
        title=title,
        number=known.public_id,
        record_sha256=service.record_sha256(known.filed),
        since_s=None if known.since_ms is None else known.since_ms // 1000,
        until_s=known.saved_ms // 1000,
    )
    return receipt(filing, mandate)
