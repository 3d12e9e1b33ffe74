"""Mobile documents (ISO/IEC 18013-5): what the issuer signed, and whether the device shows its own.

Section numbers are those of ISO/IEC 18013-5:2021.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any

from localservices.verification import moments
from localservices.verification.formats import cose
from localservices.verification.formats.cose import Embedded
from localservices.verification.formats.mdoc_device import (
    Session,
    device_key,
    has_named_algorithm,
    proves,
)
from localservices.verification.formats.mdoc_reading import Document, documents, octets
from localservices.verification.issuers import Signer, of_chain
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.standing import standing
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

FORMAT = "mdoc"
LICENCE = "org.iso.18013.5.1.mDL"
_SIGNER = bytes.fromhex("28818c5d050102")  # 1.0.18013.5.1.2, who may sign licences (B.1.4)
_HASHES = {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
_TYPES = {LICENCE: "driving_licence"}
_SHOWN = {
    "name": ("family_name", "given_name"),
    "birth": ("birth_date",),
    "number": ("document_number",),
    "nationality": ("nationality",),
    "country": ("issuing_country",),
}


def recognises(text: str) -> bool:
    """Never raises."""
    try:
        data = octets(text)
    except DocumentError:
        return text.lstrip(" \r\n\t\ufeff").startswith("mdoc:")
    return data[:1] >= b"\xa0" and b"issuerAuth" in data


def judge(text: str, known: Knowledge, when: When, session: Session | None = None) -> Verdict:
    """Without a session nobody knows whose device it is on. Never raises."""
    verdict = Verdict(State.MALFORMED, Reason.CBOR, FORMAT, when.at_ms)
    try:
        data = octets(text)
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ENGAGEMENT else State.MALFORMED
        return replace(verdict, state=state, reason=error.code)
    return judge_response(data, known, when, session)


def judge_response(
    data: bytes, known: Knowledge, when: When, session: Session | None = None
) -> Verdict:
    """Of several documents the first that is in doubt counts. Never raises."""
    trust = known.trust(Purpose.MDOC)
    verdict = Verdict(
        State.MALFORMED, Reason.SCHEMA, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        found = [
            _judged(verdict, document, (trust, known), session) for document in documents(data)
        ]
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)
    doubtful = [one for one in found if one.state is not State.VALID]
    return (doubtful or found)[0]


def _judged(
    verdict: Verdict,
    document: Document,
    grounds: tuple[TrustList, Knowledge],
    session: Session | None,
) -> Verdict:
    trust, known = grounds
    found = of_chain(document.signed.chain[:1], trust, verdict.judged_at_ms)
    verdict = replace(verdict, checks=(Check.READABLE,))
    if not found:
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.CHAIN)
    [signer] = found
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    mso = _mso(document.signed.payload)
    if not has_named_algorithm(document.signed, signer.key):
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    if not cose.is_signed_by(document.signed, signer.key) or not _digests_agree(document, mso):
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    kind = mso.get("docType")
    if not isinstance(kind, str) or document.kind not in (None, kind):
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = _shown(verdict, document, kind, mso)
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    if not _may_sign(signer, kind):
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.KEY_USAGE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.KEY_USAGE, Check.CONTENT))
    verdict = standing(_dated(verdict), mso.get("status"), known, signer)
    return _bound(verdict, document, mso, session)


def _may_sign(signer: Signer, kind: str) -> bool:
    """By the certificates' usages (annex B.1), and by what the list says whom it may vouch for.

    Whom an authority certified for licences says so; whom the list has itself need not.
    """
    own, listed = signer.path[0], signer.path[-1]
    is_limited = bool(own.usages) or len(signer.path) > 1
    if kind == LICENCE and is_limited and _SIGNER not in own.usages:
        return False
    is_vouched_for = listed.document_types is None or kind in listed.document_types
    return signer.may_sign and is_vouched_for


def _mso(payload: bytes) -> Mapping[str, Any]:
    """The mobile security object (section 9.1.2.4)."""
    outer = cose.load(payload, embedded=True)
    found = cose.load(outer.data, embedded=True) if isinstance(outer, Embedded) else None
    if not isinstance(found, Mapping):
        raise DocumentError(Reason.SCHEMA, field="MobileSecurityObject")
    return found


def _digests_agree(document: Document, mso: Mapping[str, Any]) -> bool:
    """Section 9.1.2.5: each element is the one whose digest was signed; none is shown twice."""
    made, known = _HASHES.get(str(mso.get("digestAlgorithm"))), mso.get("valueDigests")
    if made is None:
        raise DocumentError(Reason.ALGORITHM)
    if not isinstance(known, Mapping):
        raise DocumentError(Reason.SCHEMA, field="valueDigests")
    for space, items in document.items.items():
        digests = known.get(space)
        if not isinstance(digests, Mapping) or not _are_distinct(items):
            return False
        for number, _, _, encoded in items:
            wanted = digests.get(number)
            if not isinstance(wanted, bytes):
                return False
            if not hmac.compare_digest(made(encoded).digest(), wanted):
                return False
    return True


def _are_distinct(items: tuple[tuple[int, str, Any, bytes], ...]) -> bool:
    numbers, names = {item[0] for item in items}, {item[1] for item in items}
    return len(numbers) == len(names) == len(items)


def _shown(verdict: Verdict, document: Document, kind: str, mso: Mapping[str, Any]) -> Verdict:
    values = {name: value for items in document.items.values() for _, name, value, _ in items}
    shown = [
        (label, " ".join(filter(None, (_text(values.get(name)) for name in names))))
        for label, names in _SHOWN.items()
    ]
    if kind not in _TYPES:
        shown.append(("kind", kind))
    info = mso.get("validityInfo")
    if not isinstance(info, Mapping):
        raise DocumentError(Reason.SCHEMA, field="validityInfo")

    def tdate(name: str) -> int:
        return moments.of_text(info.get(name), name)

    issuer = _text(values.get("issuing_authority")) or _text(values.get("issuing_country"))
    return replace(
        verdict,
        document_type=_TYPES.get(kind, "credential"),
        issuer=issuer or None,
        claims=tuple((label, text) for label, text in shown if text),
        not_before_ms=max(tdate("validFrom"), tdate("signed")),
        not_after_ms=tdate("validUntil"),
    )


def _dated(verdict: Verdict) -> Verdict:
    at_ms = verdict.judged_at_ms
    if verdict.not_before_ms is None or at_ms < verdict.not_before_ms:
        return replace(verdict, state=State.NOT_YET_VALID, reason=Reason.NOT_YET_VALID)
    if verdict.not_after_ms is None or at_ms >= verdict.not_after_ms:
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    checks = (*verdict.checks, Check.DATES)
    return replace(verdict, state=State.VALID, reason=Reason.VALID, checks=checks)


def _bound(
    verdict: Verdict, document: Document, mso: Mapping[str, Any], session: Session | None
) -> Verdict:
    """Section 9.1.3: the device holds the key that the issuer named, and spoke to us."""
    if verdict.state is not State.VALID:
        return verdict
    if session is None or document.device is None:
        return replace(verdict, state=State.HOLDER_UNBOUND, reason=Reason.HOLDER_ABSENT)
    is_proved = proves(document.device, str(mso.get("docType")), device_key(mso), session)
    if is_proved is None:
        return replace(verdict, state=State.HOLDER_UNBOUND, reason=Reason.HOLDER_ABSENT)
    if not is_proved:
        return replace(verdict, state=State.TAMPERED, reason=Reason.HOLDER_PROOF)
    return replace(verdict, checks=(*verdict.checks, Check.HOLDER))


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) and len(value) <= 1_000 else ""
