"""EU Digital COVID Certificates (HCERT): base 45, zlib, COSE_Sign1, CWT (RFC 8392)."""

import base64
from collections.abc import Mapping
from typing import Any

from localservices.verification import moments
from localservices.verification.certificates import Certificate
from localservices.verification.formats import cose, dgc, packing
from localservices.verification.formats.cose import Signed
from localservices.verification.rules import Asked, Rules, iso_text
from localservices.verification.trust import TrustList
from localservices.verification.verdict import (
    Check,
    DocumentError,
    Outcome,
    Reason,
    State,
    Verdict,
    replace,
)

FORMAT = "hcert"
PREFIX = "HC1:"

_ISSUER, _EXPIRES, _ISSUED, _HCERT, _DGC = 1, 4, 6, -260, 1

# 1.3.6.1.4.1.1847.2021.1.n encoded, and with the 0 that some issuers put before 1847.
_ROOTS = ("2b060104018e378f6501", "2b06010401008e378f6501")
_USAGES = {
    kind: frozenset(bytes.fromhex(f"{root}{last:02x}") for root in _ROOTS)
    for last, kind in enumerate(("test", "vaccination", "recovery"), start=1)
}
_UNMET = ((Outcome.FAILED, Reason.RULES_FAILED), (Outcome.OPEN, Reason.RULES_OPEN))
_ANY_USAGE = frozenset[bytes]().union(*_USAGES.values())


def judge(text: str, trust: TrustList, at_ms: int, rules: Rules | None = None) -> Verdict:
    """Give the one verdict on a QR code's text at a time. Never raises.

    ``rules`` say what a country asks of a certificate, and give words for its codes. One that is
    not met changes the reason and never the state: the certificate is as genuine as before.
    """
    verdict = Verdict(State.MALFORMED, Reason.COSE, FORMAT, at_ms, trust_age_s=trust.age_s(at_ms))
    try:
        signed = cose.read(packing.unpacked(text, PREFIX))
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)
    known = trust.of(signed.kid)
    if not known:
        return replace(
            verdict,
            state=State.UNTRUSTED_ISSUER,
            reason=Reason.ISSUER_UNKNOWN,
            issuer=_claimed_issuer(signed),
            checks=(Check.READABLE,),
        )
    signer = next((one for one in known if cose.is_signed_by(signed, one.key)), None)
    if signer is None:
        found = (Check.READABLE, Check.ISSUER)
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE, checks=found)
    verdict = replace(verdict, checks=(Check.READABLE, Check.ISSUER, Check.SIGNATURE))
    try:
        return _judged(verdict, signed, signer, rules)
    except DocumentError as error:
        return replace(verdict, reason=error.code, details=error.details)


def _judged(verdict: Verdict, signed: Signed, signer: Certificate, rules: Rules | None) -> Verdict:
    """What a genuine signature is worth: who may sign this, is it whole, and when is it valid."""
    claims = _claims(signed)
    hcert, issuer = claims.get(_HCERT), claims.get(_ISSUER)
    body = hcert.get(_DGC) if isinstance(hcert, Mapping) else None
    kind = dgc.type_of(body)
    verdict = replace(
        verdict,
        document_type=kind,
        issuer=issuer if isinstance(issuer, str) else None,
        not_before_ms=moments.of_number(claims.get(_ISSUED)),
        not_after_ms=moments.of_number(claims.get(_EXPIRES)),
    )
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    may_sign = signer.usages & _ANY_USAGE
    if may_sign and not may_sign & _USAGES[kind]:
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.KEY_USAGE)
    checks = (*verdict.checks, Check.KEY_USAGE, Check.CONTENT)
    shown = dgc.claims_of(body, rules.word if rules else dgc.no_word)
    verdict = _dated(replace(verdict, claims=shown, checks=checks), signer)
    if rules is None or verdict.state is not State.VALID:
        return verdict
    return _ruled(verdict, signed, body or {}, rules)


def _ruled(verdict: Verdict, signed: Signed, body: Mapping[Any, Any], rules: Rules) -> Verdict:
    """A valid certificate, and what the rules in force say of it."""
    external = {
        "kid": base64.b64encode(signed.kid or b"").decode(),
        "iat": _text(verdict.not_before_ms),
        "exp": _text(verdict.not_after_ms),
    }
    kind = verdict.document_type or ""
    findings = rules.findings(Asked(body, kind, verdict.issuer, verdict.judged_at_ms, external))
    verdict = replace(verdict, findings=findings)
    outcomes = {finding.outcome for finding in findings}
    for outcome, reason in _UNMET:
        if outcome in outcomes:
            countries = {one.country for one in findings if one.outcome is outcome}
            details = {"field": ", ".join(sorted(countries))}
            return replace(verdict, reason=reason, details=details)
    return replace(verdict, checks=(*verdict.checks, Check.RULES)) if findings else verdict


def _dated(verdict: Verdict, signer: Certificate) -> Verdict:
    at_ms, begin_ms, end_ms = verdict.judged_at_ms, verdict.not_before_ms, verdict.not_after_ms
    if begin_ms is not None and at_ms < begin_ms:
        return replace(verdict, state=State.NOT_YET_VALID, reason=Reason.NOT_YET_VALID)
    if end_ms is None:
        raise DocumentError(Reason.NO_END)
    if at_ms > end_ms:  # the last second counts, as it does in the EU's own test cases
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    if not signer.not_before_ms <= at_ms <= signer.not_after_ms:
        return replace(verdict, state=State.ISSUER_EXPIRED, reason=Reason.ISSUER_EXPIRED)
    checks = (*verdict.checks, Check.DATES)
    return replace(verdict, state=State.VALID, reason=Reason.VALID, checks=checks)


def _claims(signed: Signed) -> Mapping[Any, Any]:
    claims = cose.load(signed.payload)
    if not isinstance(claims, Mapping):
        raise DocumentError(Reason.CWT)
    return claims


def _claimed_issuer(signed: Signed) -> str | None:
    """Whom an unbelieved document names: so that staff know which list to ask for."""
    try:
        issuer = _claims(signed).get(_ISSUER)
    except DocumentError:
        return None
    return issuer if isinstance(issuer, str) and len(issuer) <= 2 else None


def _text(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_text(at_ms)
