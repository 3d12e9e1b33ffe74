"""What a judgement says, whatever the document: a state, its reason, and what was relied on."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Every document gets exactly one."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNTRUSTED_ISSUER = "untrusted_issuer"  # nobody on the trust list signed it
    WRONG_KEY_USAGE = "wrong_key_usage"  # the signer may not sign documents of this type
    TAMPERED = "tampered"  # the signer named in it did not sign these bytes
    MALFORMED = "malformed"  # not a document of this format


class Reason(StrEnum):
    """Why; the pages' messages and the command's have a sentence for each."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_EXPIRED = "issuer_expired"
    KEY_USAGE = "key_usage"
    SIGNATURE = "signature"
    PREFIX = "prefix"
    TOO_LONG = "too_long"
    BASE45 = "base45"
    COMPRESSION = "compression"
    CBOR = "cbor"
    COSE = "cose"
    ALGORITHM = "algorithm"
    CWT = "cwt"
    NO_END = "no_end"
    SCHEMA = "schema"
    LINE = "line"  # of a batch
    PICTURE_TOO_LARGE = "picture_too_large"
    PICTURE_SPOILED = "picture_spoiled"
    PICTURE_WITHOUT_CODE = "picture_without_code"


class Check(StrEnum):
    """What was found in order, one after the other."""

    READABLE = "readable"
    ISSUER = "issuer"
    SIGNATURE = "signature"
    KEY_USAGE = "key_usage"
    CONTENT = "content"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Times are Unix milliseconds, ages seconds. ``None``: not known, or not reached.

    Attributes:
        claims: what staff need in order to compare person and paper; only of a signed document.
        trust_age_s: how old the trust list was.
    """

    state: State
    reason: Reason
    format: str
    judged_at_ms: int
    document_type: str | None = None
    issuer: str | None = None  # a country code as the document names it
    claims: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()
    not_before_ms: int | None = None
    not_after_ms: int | None = None
    trust_age_s: int | None = None
    details: dict[str, str] = field(default_factory=dict)  # values for the reason's sentence

    def plain(self) -> dict[str, Any]:
        """Give the verdict as JSON holds it."""
        return {
            "verdict": self.state.value,
            "reason": self.reason.value,
            "format": self.format,
            "document_type": self.document_type,
            "issuer": self.issuer,
            "claims": dict(self.claims),
            "checks": [check.value for check in self.checks],
            "not_before_ms": self.not_before_ms,
            "not_after_ms": self.not_after_ms,
            "judged_at_ms": self.judged_at_ms,
            "trust_age_s": self.trust_age_s,
        }


class DocumentError(Exception):
    """A document cannot be read any further. ``code`` is the reason of the verdict."""

    def __init__(self, code: Reason, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
