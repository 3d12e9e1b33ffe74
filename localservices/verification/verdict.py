"""What a judgement says, whatever the document: a state, its reason, and what was relied on."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any


class State(StrEnum):
    """Every document gets exactly one."""

    VALID = "valid"
    VALID_EXTENDED = "valid_extended"  # its time is over, and a signed rule lets it serve on
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNTRUSTED_ISSUER = "untrusted_issuer"  # nobody on a fresh trust list signed it
    ISSUER_UNKNOWN_STALE = "issuer_unknown_stale"  # nor on an old one, which says little
    ISSUER_EXPIRED = "issuer_expired"
    ISSUER_REVOKED = "issuer_revoked"
    WRONG_KEY_USAGE = "wrong_key_usage"  # the signer may not sign documents of this type
    TAMPERED = "tampered"  # the signer named in it did not sign these bytes
    MALFORMED = "malformed"  # not a document of this format
    UNSUPPORTED = "unsupported"  # sound, as far as can be seen, and of a kind not known here
    STATUS_UNKNOWN = "status_unknown"  # it names a status list that is not here
    STALE_DATA = "stale_data"  # valid by knowledge that is too old to say so
    NOT_IN_REGISTRY = "not_in_registry"  # which covers such documents, and lacks this one
    MATCH_PROBABILISTIC = "match_probabilistic"  # the registry holds it, or very rarely another
    HOLDER_UNBOUND = "holder_unbound"  # genuine, and nothing shows that it is the bearer's
    CLOCK_UNRELIABLE = "clock_unreliable"  # it depends on a time that nobody here knows
    SCHEMA_WARNING = "schema_warning"  # genuine, and its content departs from its format's rules


class Reason(StrEnum):
    """Why; the pages' messages and the command's have a sentence for each."""

    VALID = "valid"
    EXTENDED = "extended"
    RULES_FAILED = "rules_failed"  # genuine, and not what the country asks for
    RULES_OPEN = "rules_open"  # genuine; a rule of the country cannot be told by what is here
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    CLOCK = "clock"
    TRUST_STALE = "trust_stale"
    STATUS_STALE = "status_stale"
    STATUS_ABSENT = "status_absent"
    STATUS_LIST = "status_list"  # the list is no list, or not by who may sign it
    STATUS_INDEX = "status_index"  # the list has no such place
    STATUS_KIND = "status_kind"  # told in a way that is not known here
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_UNKNOWN_STALE = "issuer_unknown_stale"
    ISSUER_REVOKED = "issuer_revoked"
    CHAIN = "chain"
    ISSUER_NAME = "issuer_name"  # a certificate of somebody else than the document names
    DELEGATION = "delegation"
    DELEGATION_TIME = "delegation_time"
    ISSUER_EXPIRED = "issuer_expired"
    KEY_USAGE = "key_usage"
    SIGNATURE = "signature"
    KIND = "kind"  # genuine, and nobody here knows what such a document says
    UNFORESEEN = "unforeseen"  # an error of ours while judging
    FORMAT = "format"  # no format known here
    PREFIX = "prefix"
    TOO_LONG = "too_long"
    BASE45 = "base45"
    COMPRESSION = "compression"
    CBOR = "cbor"
    COSE = "cose"
    JSON = "json"
    JWS = "jws"
    CMS = "cms"
    GROUP_ABSENT = "group_absent"  # the chip's signature alone, without what says whose it is
    CHIP_UNPROVEN = "chip_unproven"  # genuine data, in this chip or copied out of another
    SEAL = "seal"  # a Visible Digital Seal that cannot be read
    DISCLOSURE = "disclosure"
    ENGAGEMENT = "engagement"  # the beginning of a conversation with a telephone, no document
    HOLDER_ABSENT = "holder_absent"
    HOLDER_PROOF = "holder_proof"
    NOT_ASKED = "not_asked"  # a document of another kind than a wallet was asked for
    ALGORITHM = "algorithm"
    CWT = "cwt"
    NO_END = "no_end"
    NUMBER_FORM = "number_form"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    REGISTRY_SUSPENDED = "registry_suspended"
    REGISTRY_REVOKED = "registry_revoked"
    REGISTRY_ABSENT = "registry_absent"  # none here covers such documents
    REGISTRY_CLOSED = "registry_closed"  # its key is not here, or locked
    REGISTRY_STALE = "registry_stale"
    MRZ_SLIP = "mrz_slip"
    MRZ_ALONE = "mrz_alone"
    MRZ_EXPIRED = "mrz_expired"
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
    REGISTRY = "registry"
    STATUS = "status"  # looked up, and neither revoked nor suspended
    HOLDER = "holder"  # the bearer holds the key that the document names
    RULES = "rules"  # every rule of the country that asks is met


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"  # the rule cannot say: staff decide


@dataclass(frozen=True, slots=True)
class Finding:
    """What a country's rule says of a genuine document. ``words``: what it asks, by language."""

    rule: str
    country: str
    outcome: Outcome
    words: dict[str, str] = field(default_factory=dict)

    def asks(self, language: str) -> str:
        """What the rule asks: in this language, else in English, else as it is known at all."""
        known = self.words.get(language) or self.words.get("en")
        return known or next(iter(self.words.values()), self.rule)

    def plain(self) -> dict[str, Any]:
        """Give the finding as JSON holds it."""
        return {
            "rule": self.rule,
            "country": self.country,
            "outcome": self.outcome.value,
            "asks": self.words,
        }


@dataclass(frozen=True)
class Verdict:
    """Times are Unix milliseconds, ages seconds. ``None``: not known, or not reached.

    Attributes:
        claims: what staff need in order to compare person and paper; only of a signed document.
        trust_age_s, status_age_s, registry_age_s: how old what was relied on was.
        passed_ms: a time that had surely passed when this was judged.
        is_ageing: what was relied on is still good, and it is time to synchronise.
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
    status_age_s: int | None = None
    registry_age_s: int | None = None
    passed_ms: int | None = None
    is_ageing: bool = False
    findings: tuple[Finding, ...] = ()  # of countries' rules; they say nothing of genuineness
    details: dict[str, str] = field(default_factory=dict)  # values for the reason's sentence

    @property
    def facts(self) -> dict[str, str]:
        """What the reason's sentence may name."""
        return {"field": "", "rule": "", "until": "", "example": ""} | self.details

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
            "passed_ms": self.passed_ms,
            "trust_age_s": self.trust_age_s,
            "status_age_s": self.status_age_s,
            "registry_age_s": self.registry_age_s,
            "is_ageing": self.is_ageing,
            "rules": [finding.plain() for finding in self.findings],
        }


if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414  so that the fields are checked
else:

    def replace(verdict: Verdict, **changes: object) -> Verdict:
        """As the library's, which takes a tenth of the time of judging, some times a document."""
        made = object.__new__(Verdict)
        made.__dict__.update(verdict.__dict__, **changes)
        return made


class DocumentError(Exception):
    """A document cannot be read any further. ``code`` is the reason of the verdict."""

    def __init__(self, code: Reason, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Tone(StrEnum):
    """How a verdict is shown: what to do at a glance."""

    GOOD = "good"  # go on
    BUSY = "busy"  # look closer
    BAD = "bad"  # do not accept


_BAD = frozenset(
    {
        State.TAMPERED,
        State.REVOKED,
        State.SUSPENDED,
        State.MALFORMED,
        State.WRONG_KEY_USAGE,
        State.ISSUER_REVOKED,
    }
)
_GOOD = frozenset({State.VALID, State.VALID_EXTENDED, State.MATCH_PROBABILISTIC})


def tone(verdict: Verdict) -> Tone:
    """Of a genuine document too that does not meet a country's rule: staff look closer."""
    if verdict.reason in (Reason.RULES_FAILED, Reason.RULES_OPEN):
        return Tone.BUSY
    if verdict.state in _GOOD:
        return Tone.GOOD
    return Tone.BAD if verdict.state in _BAD else Tone.BUSY
