"""A typed or scanned machine-readable zone: slips are found, and nothing is proved by it."""

from datetime import UTC, datetime

from localservices.verification import mrz
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.mrz import Zone
from localservices.verification.verdict import Check, Reason, State, Verdict, replace

FORMAT = "mrz"
_TYPES = {"P": "passport", "V": "visa", "I": "identity_card", "A": "identity_card"}
_DAY_MS = 24 * 3600 * 1000


def recognises(text: str) -> bool:
    """Never raises."""
    return mrz.lines_of(text) is not None


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Its best verdict says that it proves nothing by itself."""
    del known
    verdict = Verdict(State.MALFORMED, Reason.MRZ_SLIP, FORMAT, when.at_ms)
    lines = mrz.lines_of(text)
    if lines is None:
        return replace(verdict, reason=Reason.FORMAT)
    today = datetime.fromtimestamp(max(0, when.at_ms) / 1000, UTC).date()
    zone = mrz.read(lines, today)
    if zone.slips:
        return replace(verdict, details={"field": " ".join(zone.slips)})
    verdict = replace(
        verdict,
        document_type=type_of(zone),
        issuer=zone.issuer,
        claims=claims_of(zone),
        checks=(Check.READABLE, Check.CONTENT),
        not_after_ms=end_ms(zone),
    )
    if zone.expires is not None and zone.expires < today:
        return replace(verdict, state=State.EXPIRED, reason=Reason.MRZ_EXPIRED)
    return replace(verdict, state=State.UNSUPPORTED, reason=Reason.MRZ_ALONE)


def type_of(zone: Zone) -> str:
    return _TYPES.get(zone.code[:1], "travel_document")


def claims_of(zone: Zone) -> tuple[tuple[str, str], ...]:
    """What staff compare with the person."""
    claims = [
        ("name", f"{zone.surname} {zone.given_names}".strip()),
        ("birth", zone.born),
        ("sex", zone.sex),
        ("number", zone.number),
        ("nationality", zone.nationality),
    ]
    return tuple((label, value) for label, value in claims if value)


def end_ms(zone: Zone) -> int | None:
    """The last moment of its last day, UTC."""
    if zone.expires is None:
        return None
    begin = datetime(zone.expires.year, zone.expires.month, zone.expires.day, tzinfo=UTC)
    return int(begin.timestamp()) * 1000 + _DAY_MS - 1
