"""The one way to judge a document: find its format, let that judge, and weigh what it relied on.

A format says what the document itself says, by the lists as they are. What it means that a list is
old or a clock wrong is the same for all formats, and is decided here.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from localservices.verification import extensions, keyboard
from localservices.verification.extensions import date_text
from localservices.verification.formats import (
    edocument,
    hcert,
    mdoc,
    mrz,
    passport,
    sdjwt_vc,
    vc_jwt,
    vds,
    vds_nc,
)
from localservices.verification.freshness import STATUS, Freshness
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.verdict import Check, Reason, State, Verdict, replace

log = logging.getLogger(__name__)

UNKNOWN = "unknown"  # the format of what is none


class Format(Protocol):
    """A module that judges one format."""

    FORMAT: str

    def recognises(self, text: str) -> bool:
        """Whether the text is meant as one; it may be spoiled. Never raises."""

    def judge(self, text: str, known: Knowledge, when: When) -> Verdict:
        """Judge what is recognised. What it raises becomes a verdict."""


class _Hcert:
    FORMAT = hcert.FORMAT

    def recognises(self, text: str) -> bool:
        return text.lstrip(" \r\n\t\ufeff").startswith("HC")

    def judge(self, text: str, known: Knowledge, when: When) -> Verdict:
        return hcert.judge(text, known.trust(Purpose.HCERT), when.at_ms, known.rules)


FORMATS: tuple[Format, ...] = (
    _Hcert(),
    edocument,
    mrz,
    sdjwt_vc,
    vc_jwt,
    vds,
    vds_nc,
    passport,
    mdoc,
)


_PURPOSES = {
    hcert.FORMAT: Purpose.HCERT,
    edocument.FORMAT: Purpose.EDOCUMENT,
    sdjwt_vc.FORMAT: Purpose.VC,
    vc_jwt.FORMAT: Purpose.VC,
    mdoc.FORMAT: Purpose.MDOC,
    vds.FORMAT: Purpose.VDS,
    vds_nc.FORMAT: Purpose.VDS,
    passport.FORMAT: Purpose.PASSPORT,
}


def judge(text: str, known: Knowledge, when: When, formats: Sequence[Format] = FORMATS) -> Verdict:
    """Give the one verdict, by one of ``formats``. Never raises."""
    found = _format_of(text, formats)
    if found is None:
        text = keyboard.meant(text)
        found = _format_of(text, formats)
    if found is None:
        return Verdict(State.MALFORMED, Reason.FORMAT, UNKNOWN, when.at_ms)
    try:
        verdict = found.judge(text, known, when)
        if verdict.state is State.EXPIRED:
            verdict = _extended(found, text, verdict, known)
        return weighed(verdict, known, when)
    except Exception:  # a document may never take the desk down, whatever it holds
        log.exception("judging a document of the format %s failed", found.FORMAT)
        return Verdict(State.MALFORMED, Reason.UNFORESEEN, found.FORMAT, when.at_ms)


def documents(texts: list[str]) -> list[str]:
    """Those meant as documents of any format; all, if none is. Never raises.

    A photo may show a parcel's code beside a document's.
    """
    return [text for text in texts if _format_of(text, FORMATS) is not None] or texts


def _format_of(text: str, formats: Sequence[Format]) -> Format | None:
    return next((one for one in formats if one.recognises(text)), None)


def _extended(found: Format, text: str, expired: Verdict, known: Knowledge) -> Verdict:
    """An expired one that a rule lets serve on is judged as of its last moment, then extended."""
    rule, end_ms = extensions.first(known.extensions, expired), expired.not_after_ms
    if rule is None or end_ms is None:
        return expired
    last = found.judge(text, known, When(end_ms - 1_000))
    since_s = (expired.judged_at_ms - last.judged_at_ms) // 1000
    age_s = None if last.status_age_s is None else last.status_age_s + since_s
    last = replace(
        last,
        judged_at_ms=expired.judged_at_ms,
        trust_age_s=expired.trust_age_s,
        status_age_s=age_s,
    )
    if last.state is not State.VALID:
        return last
    details = {"rule": rule.title, "until": date_text(rule.until_ms)}
    return replace(last, state=State.VALID_EXTENDED, reason=Reason.EXTENDED, details=details)


def weighed(verdict: Verdict, known: Knowledge, when: When) -> Verdict:
    """The verdict in the light of how old its grounds are, and of the clock."""
    verdict = replace(verdict, passed_ms=when.passed_ms)
    policy = known.policy(_PURPOSES.get(verdict.format))
    trust, status = policy.of(verdict.trust_age_s), STATUS.of(verdict.status_age_s)
    is_old = trust is Freshness.STALE
    if verdict.state is State.UNTRUSTED_ISSUER and is_old:
        return replace(
            verdict, state=State.ISSUER_UNKNOWN_STALE, reason=Reason.ISSUER_UNKNOWN_STALE
        )
    if when.is_doubtful and verdict.state in _OF_TIME:
        return _by_passed_time(verdict, when)
    if verdict.state not in _GOOD:
        return verdict
    if is_old:
        return replace(verdict, state=State.STALE_DATA, reason=Reason.TRUST_STALE)
    if Check.STATUS not in verdict.checks:
        status = Freshness.FRESH  # none is relied on
    if status is Freshness.STALE:
        return replace(verdict, state=State.STALE_DATA, reason=Reason.STATUS_STALE)
    return replace(verdict, is_ageing=Freshness.AGEING in (trust, status))


def _by_passed_time(verdict: Verdict, when: When) -> Verdict:
    """The clock stands before a time that has surely passed: what ended before that is over."""
    ended_ms, passed_ms = verdict.not_after_ms, when.passed_ms or 0
    if ended_ms is not None and ended_ms < passed_ms and verdict.state is not State.EXPIRED:
        checks = tuple(check for check in verdict.checks if check is not Check.DATES)
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED, checks=checks)
    if verdict.state is State.EXPIRED:
        return verdict  # and it will not become younger
    return replace(verdict, state=State.CLOCK_UNRELIABLE, reason=Reason.CLOCK)


_GOOD = frozenset({State.VALID, State.VALID_EXTENDED, State.SCHEMA_WARNING, State.HOLDER_UNBOUND})
_OF_TIME = _GOOD | {State.EXPIRED, State.NOT_YET_VALID, State.ISSUER_EXPIRED}
