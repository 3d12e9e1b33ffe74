"""Nezlam's own eDocument: a CWT near Claim 169 in a QR code, which any node issues and verifies.

The node signs by a key that its authority delegated to it; the delegation travels inside, so
whoever knows the authority needs no list of nodes. MOSIP's QR codes, which have no delegation and
no prefix, are judged by the keys of their issuer on the trust list.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from localservices.verification import certificates
from localservices.verification.formats import claim169, cose, packing, receipt
from localservices.verification.formats.claim169 import Told
from localservices.verification.formats.cose import Signed
from localservices.verification.issuers import Signer, of_certificates, of_keys
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.standing import standing
from localservices.verification.trust import TrustList
from localservices.verification.verdict import (
    Check,
    DocumentError,
    Reason,
    State,
    Verdict,
    replace,
)
from sync.wire import delegation
from sync.wire.delegation import Delegation
from sync.wire.edocument import DELEGATION, PREFIX, RECEIPT
from sync.wire.errors import MalformedError

FORMAT = "edocument"
_ZLIB = "6BF"  # how base 45 writes the first two bytes of zlib at its usual level
_REMEMBERED = 256  # delegations, of at most a kilobyte each
_TRIED_MAX = 64  # keys of one issuer, where the document names none


def recognises(text: str) -> bool:
    """Never raises."""
    return packing.cleaned(text[:200]).startswith((PREFIX, _ZLIB))


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Never raises."""
    trust = known.trust(Purpose.EDOCUMENT)
    verdict = Verdict(
        State.MALFORMED, Reason.COSE, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    prefix = PREFIX if packing.cleaned(text[:200]).startswith(PREFIX) else ""
    try:
        signed = cose.read(packing.unpacked(text, prefix))
        given = _delegation(signed)
        told = _told(signed)
        if given is None:
            return _by_issuer(verdict, signed, told, known)
        return _by_delegation(verdict, signed, given, (told, known))
    except DocumentError as error:
        return replace(verdict, reason=error.code, details=error.details)


def _told(signed: Signed) -> Told:
    cwt = cose.load(signed.payload)
    is_receipt = isinstance(cwt, Mapping) and RECEIPT in cwt
    return receipt.read(cwt) if is_receipt else claim169.read(cwt)


def _by_issuer(verdict: Verdict, signed: Signed, told: Told, known: Knowledge) -> Verdict:
    trust = known.trust(Purpose.EDOCUMENT)
    tried = _signers(trust, signed, told, verdict.judged_at_ms)
    verdict = replace(verdict, issuer=told.issuer, checks=(Check.READABLE,))
    signer = next((one for one in tried if cose.is_signed_by(signed, one.key)), None)
    if signer is None and not any(one.is_meant for one in tried):
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.ISSUER_UNKNOWN)
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    if signer is None:
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    return standing(claim169.dated(claim169.shown(verdict, told)), told.status, known, signer)


def _signers(trust: TrustList, signed: Signed, told: Told, at_ms: int) -> list[Signer]:
    kid = signed.kid.decode("utf-8", "replace") if signed.kid else None
    named = of_keys(trust.keys_of(told.issuer, kid), kid, at_ms)
    certified = trust.of(signed.kid) if signed.kid else trust.certificates[:_TRIED_MAX]
    found = named + of_certificates(certified, at_ms, is_meant=bool(signed.kid))
    return sorted(found, key=lambda one: not one.is_in_force)


def _by_delegation(
    verdict: Verdict, signed: Signed, given: Signed, grounds: tuple[Told, Knowledge]
) -> Verdict:
    told, known = grounds
    mandate = _mandate(given.payload)
    verdict = replace(verdict, issuer=mandate.node_id, checks=(Check.READABLE,))
    authorities = known.trust(Purpose.EDOCUMENT).of(given.kid)
    if not authorities:
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.ISSUER_UNKNOWN)
    authority = next((one for one in authorities if _is_word_of(one.der, given)), None)
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    if authority is None or not cose.is_signed_by(signed, mandate.key):
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = claim169.shown(replace(verdict, checks=(*verdict.checks, Check.SIGNATURE)), told)
    verdict = replace(verdict, issuer=mandate.node_id)
    if authority.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    if not _covers(mandate, told):
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.DELEGATION_TIME)
    verdict = replace(verdict, checks=(*verdict.checks, Check.KEY_USAGE))
    signer = Signer(mandate.key, (authority,))
    return standing(claim169.dated(verdict), told.status, known, signer)


# A node's documents all bear the same delegation: it is read, and its signature verified, once.
@lru_cache(_REMEMBERED)
def _mandate(payload: bytes) -> Delegation:
    try:
        return delegation.read(payload)
    except MalformedError as error:
        raise DocumentError(Reason.DELEGATION) from error


@lru_cache(_REMEMBERED)
def _is_word_of(authority_der: bytes, given: Signed) -> bool:
    return cose.is_signed_by(given, certificates.read(authority_der).key)


def _covers(mandate: Delegation, told: Told) -> bool:
    """Whether the node might issue it when it did: the document may outlive the mandate."""
    begin_ms, end_ms = mandate.not_before_s * 1000, mandate.not_after_s * 1000
    return told.issued_ms is not None and begin_ms <= told.issued_ms < end_ms


def _delegation(signed: Signed) -> Signed | None:
    bound: Mapping[Any, Any] = cose.load(signed.protected) if signed.protected else {}
    given = bound.get(DELEGATION)
    if given is None:
        return None
    if not isinstance(given, bytes) or len(given) > delegation.BYTES_MAX:
        raise DocumentError(Reason.DELEGATION)
    return cose.read(given)
