"""SD-JWT VC (draft-ietf-oauth-sd-jwt-vc): a credential of which the holder shows some claims."""

import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import jwk, moments
from localservices.verification.formats import jose, sdjwt
from localservices.verification.formats.jose import Jws
from localservices.verification.formats.sdjwt import Presented
from localservices.verification.issuers import Signer, signers
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.standing import standing_of_both
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

FORMAT = "sd-jwt"
CREDENTIAL = ("dc+sd-jwt", "vc+sd-jwt")
TYPE = "credential"
_BINDING = "kb+jwt"
_PROOF_MS_MAX, _AHEAD_MS_MAX = 10 * 60_000, 60_000  # how old a holder's proof is, or how early
_OPEN = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "credentialStatus"}
)
_SHOWN = {
    "name": ("family_name", "given_name"),
    "birth": ("birthdate", "birth_date"),
    "number": ("document_number", "personal_administrative_number"),
    "nationality": ("nationalities", "nationality"),
    "country": ("issuing_country",),
}


def recognises(text: str) -> bool:
    """Never raises."""
    text = text.lstrip("\ufeff \r\n\t")
    is_json = text.startswith("{") and '"payload"' in text and '"signature' in text
    return is_json or (text.startswith("eyJ") and "~" in text)


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Without asking for whom it was presented; see ``judge_presentation``. Never raises."""
    return judge_presentation(text, known, when)


def judge_presentation(
    text: str,
    known: Knowledge,
    when: When,
    audience: str | None = None,
    nonce: str | None = None,
) -> Verdict:
    """``audience``, ``nonce``: what the holder's proof must say; None: whatever it says."""
    trust = known.trust(Purpose.VC)
    verdict = Verdict(
        State.MALFORMED, Reason.JWS, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        presented = sdjwt.read(text)
        if presented.jws.typ not in CREDENTIAL:  # a token for another purpose proves nothing here
            return replace(verdict, state=State.UNSUPPORTED, reason=Reason.FORMAT)
        claims, disclosed = sdjwt.claims_of(presented)
        verdict, signer = signed(verdict, presented.jws, claims, trust)
        if signer is None:
            return verdict
        verdict = _credential(verdict, claims, disclosed)
        verdict = standing_of_both(dated(verdict, claims), claims, claims, known, signer)
        return _bound(verdict, presented, claims, (audience, nonce))
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)


def signed(
    verdict: Verdict, jws: Jws, claims: Mapping[str, Any], trust: TrustList
) -> tuple[Verdict, Signer | None]:
    """Who signed this and may do so; None: nobody, and the verdict says why."""
    issuer = claims.get("iss")
    if not isinstance(issuer, str | None):
        raise DocumentError(Reason.CWT)
    verdict = replace(verdict, issuer=issuer, checks=(Check.READABLE,))
    tried = signers(trust, jws, issuer, verdict.judged_at_ms)
    signer = next((one for one in tried if jose.is_signed_by(jws, one.key)), None)
    if signer is None and not any(one.is_meant for one in tried):
        reason = Reason.CHAIN if "x5c" in jws.header else Reason.ISSUER_UNKNOWN
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=reason), None
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    if signer is None:
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE), None
    if not signer.speaks_for(issuer):
        reason, checks = Reason.ISSUER_NAME, (Check.READABLE,)
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=reason, checks=checks), None
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED), None
    if not signer.may_sign:
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.KEY_USAGE), None
    return replace(verdict, checks=(*verdict.checks, Check.KEY_USAGE)), signer


def _credential(verdict: Verdict, claims: Mapping[str, Any], disclosed: frozenset[str]) -> Verdict:
    """What the drafts ask of a credential beyond an SD-JWT."""
    kind = claims.get("vct")
    if not (isinstance(kind, str) and kind):
        raise DocumentError(Reason.SCHEMA, field="vct")
    if hidden := disclosed & _OPEN:
        raise DocumentError(Reason.SCHEMA, field=min(hidden))
    shown = [(label, _text(claims, names)) for label, names in _SHOWN.items()]
    shown.append(("kind", kind))
    return replace(
        verdict,
        document_type=TYPE,
        claims=tuple((label, text) for label, text in shown if text),
        not_before_ms=moments.of_number(claims.get("nbf")),
        not_after_ms=moments.of_number(claims.get("exp")),
        checks=(*verdict.checks, Check.CONTENT),
    )


def dated(verdict: Verdict, claims: Mapping[str, Any]) -> Verdict:
    at_ms, issued_ms = verdict.judged_at_ms, moments.of_number(claims.get("iat"))
    begins = [moment for moment in (verdict.not_before_ms, issued_ms) if moment is not None]
    if at_ms < max(begins, default=at_ms):
        return replace(verdict, state=State.NOT_YET_VALID, reason=Reason.NOT_YET_VALID)
    if verdict.not_after_ms is not None and at_ms >= verdict.not_after_ms:
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    checks = (*verdict.checks, Check.DATES)
    return replace(verdict, state=State.VALID, reason=Reason.VALID, checks=checks)


def _bound(
    verdict: Verdict,
    presented: Presented,
    claims: Mapping[str, Any],
    wanted: tuple[str | None, str | None],
) -> Verdict:
    """Whether the holder has the key that the issuer named (section 7.3)."""
    if verdict.state is not State.VALID:
        return verdict
    if presented.binding is None:
        if "cnf" not in claims and wanted == (None, None):
            return verdict
        return replace(verdict, state=State.HOLDER_UNBOUND, reason=Reason.HOLDER_ABSENT)
    proof = jose.read(presented.binding)
    said, audience, nonce = proof.claims(), *wanted
    if proof.typ != _BINDING or not jose.is_signed_by(proof, _holder(claims)):
        return replace(verdict, state=State.TAMPERED, reason=Reason.HOLDER_PROOF)
    is_ours = hmac.compare_digest(
        str(said.get("sd_hash")).encode(),
        sdjwt.digest(presented.jws.claims(), presented.shown).encode(),
    )
    issued_ms = moments.of_number(said.get("iat"))
    as_asked = audience in (None, said.get("aud")) and nonce in (None, said.get("nonce"))
    complete = isinstance(said.get("aud"), str) and isinstance(said.get("nonce"), str)
    if not (is_ours and as_asked and complete) or issued_ms is None:
        return replace(verdict, state=State.TAMPERED, reason=Reason.HOLDER_PROOF)
    if not -_AHEAD_MS_MAX <= verdict.judged_at_ms - issued_ms <= _PROOF_MS_MAX:
        return replace(verdict, state=State.HOLDER_UNBOUND, reason=Reason.HOLDER_PROOF)
    return replace(verdict, checks=(*verdict.checks, Check.HOLDER))


def _holder(claims: Mapping[str, Any]) -> PublicKeyTypes:
    match claims.get("cnf"):
        case {"jwk": told}:
            try:
                return jwk.read(told)
            except jwk.KeyFormatError as error:
                raise DocumentError(Reason.HOLDER_PROOF) from error
        case _:
            raise DocumentError(Reason.HOLDER_PROOF)


def _text(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Those of the names that say something, one after the other."""
    found: list[str] = []
    for name in names:
        value = claims.get(name)
        values = value if isinstance(value, list) else [value]
        found += [one for one in values if isinstance(one, str) and len(one) <= 1_000]
    return " ".join(found)
