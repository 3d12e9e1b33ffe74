"""W3C Verifiable Credentials in a JWT: data model 1.1 (within ``vc``) and 2.0 (VC-JOSE-COSE)."""

from collections.abc import Mapping
from typing import Any

from localservices.verification import moments
from localservices.verification.formats import jose, sdjwt_vc
from localservices.verification.formats.sdjwt_vc import TYPE
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.standing import standing_of_both
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

FORMAT = "vc-jwt"
_TYPES = (None, "jwt", "vc+jwt", "vc-ld+jwt", "vc+ld+json+jwt")
_NAMES = ("familyName", "family_name", "firstName", "givenName", "given_name", "name")
_BIRTHS = ("dateOfBirth", "birthDate", "birthdate", "birth_date")
_TEXT_CHARS_MAX = 1_000


def recognises(text: str) -> bool:
    """Never raises."""
    head = text[:200].lstrip("\ufeff \r\n\t")
    return head.startswith("eyJ") and "~" not in text and text.count(".") == 2


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Never raises.

    ``iss`` stands for the credential's issuer (VC data model 1.1, section 6.3.1; VC-JOSE-COSE warns
    of both that differ): what contradicts itself is no credential, whoever signed it.
    """
    trust = known.trust(Purpose.VC)
    verdict = Verdict(
        State.MALFORMED, Reason.JWS, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        jws = jose.read(text.strip("\ufeff \r\n\t"))
        claims = jws.claims()
        if jws.typ not in _TYPES:
            return replace(verdict, state=State.UNSUPPORTED, reason=Reason.FORMAT)
        within = claims.get("vc", claims)
        issuer = claims.get("iss", _issuer(within))
        verdict, signer = sdjwt_vc.signed(verdict, jws, claims | {"iss": issuer}, trust)
        if signer is None:
            return verdict
        credential = _credential(within, issuer)
        verdict = _shown(verdict, claims, credential)
        verdict = sdjwt_vc.dated(verdict, claims)
        return standing_of_both(verdict, claims, credential, known, signer)
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)


def _credential(found: object, issuer: str | None) -> Mapping[str, Any]:
    """Raises DocumentError: it is a JWT, and no credential, or not this issuer's."""
    if not isinstance(found, dict) or "VerifiableCredential" not in _kinds(found):
        raise DocumentError(Reason.SCHEMA, field="type")
    if "issuer" in found and _issuer(found) != issuer:
        raise DocumentError(Reason.SCHEMA, field="issuer")
    return found


def _kinds(credential: Mapping[str, Any]) -> list[str]:
    told = credential.get("type")
    several = told if isinstance(told, list) else [told]
    return [one for one in several if isinstance(one, str)]


def _shown(verdict: Verdict, claims: Mapping[str, Any], credential: Mapping[str, Any]) -> Verdict:
    subject = credential.get("credentialSubject")
    about = subject if isinstance(subject, dict) else {}
    names = [about[name] for name in _NAMES if _is_text(about.get(name))]
    births = [about[name] for name in _BIRTHS if _is_text(about.get(name))]
    shown = (
        ("name", " ".join(names)),
        ("birth", " ".join(births[:1])),
        ("kind", _kinds(credential)[-1]),
    )
    begin_ms, end_ms = moments.of_credential(claims, credential)
    return replace(
        verdict,
        document_type=TYPE,
        claims=tuple((label, text) for label, text in shown if text),
        not_before_ms=begin_ms,
        not_after_ms=end_ms,
        checks=(*verdict.checks, Check.CONTENT),
    )


def _issuer(credential: object) -> str | None:
    """A URL, or an object with one."""
    told = credential.get("issuer") if isinstance(credential, dict) else None
    found = told.get("id") if isinstance(told, dict) else told
    return found if isinstance(found, str) else None


def _is_text(told: object) -> bool:
    return isinstance(told, str) and len(told) <= _TEXT_CHARS_MAX
