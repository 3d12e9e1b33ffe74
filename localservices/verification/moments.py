"""Times as documents write them, in Unix milliseconds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localservices.verification.verdict import DocumentError, Reason

_SECOND_MAX = 253_402_300_800  # the year 10000


def of_number(seconds: object) -> int | None:
    """A NumericDate, whole or not (RFC 7519 and RFC 8392, section 2); None: there is none.

    Raises DocumentError: it is no time.
    """
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise DocumentError(Reason.CWT)
    if not 0 <= seconds < _SECOND_MAX:  # nor is what is no number
        raise DocumentError(Reason.CWT)
    return int(seconds * 1000)


def of_text(told: object, field: str) -> int:
    """As RFC 3339 and XML Schema write it, or read already; without a zone it is UTC.

    Raises DocumentError: it is no time, and ``field`` is where it stands.
    """
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else told
    except ValueError as error:
        raise DocumentError(Reason.SCHEMA, field=field) from error
    if not isinstance(moment, datetime):
        raise DocumentError(Reason.SCHEMA, field=field)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def of_credential(
    claims: Mapping[str, Any], credential: Mapping[str, Any]
) -> tuple[int | None, int | None]:
    """From when and until when, by a token and by the W3C credential within: what both allow.

    None: neither says. Raises DocumentError.
    """
    begins = [of_number(claims.get("nbf")), _first(credential, "validFrom", "issuanceDate")]
    ends = [of_number(claims.get("exp")), _first(credential, "validUntil", "expirationDate")]
    return (
        max((one for one in begins if one is not None), default=None),
        min((one for one in ends if one is not None), default=None),
    )


def _first(credential: Mapping[str, Any], *names: str) -> int | None:
    told = ((name, credential.get(name)) for name in names)
    return next((of_text(moment, name) for name, moment in told if moment is not None), None)
