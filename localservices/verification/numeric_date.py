"""NumericDate: seconds since 1970, whole or not (RFC 7519 and RFC 8392, section 2)."""

from localservices.verification.verdict import DocumentError, Reason

_SECOND_MAX = 253_402_300_800  # the year 10000


def unix_ms(seconds: object) -> int | None:
    """Unix milliseconds; None: there is none. Raises DocumentError: it is no time."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise DocumentError(Reason.CWT)
    if not 0 <= seconds < _SECOND_MAX:  # nor is what is no number
        raise DocumentError(Reason.CWT)
    return int(seconds * 1000)
