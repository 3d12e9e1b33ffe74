"""Passports and cards with a chip (ICAO Doc 9303 parts 10 to 12): passive authentication.

The state's signature shows that the chip's data are its own and were not changed. It does not
show that they are in the chip they were written to, for data can be copied: only the chip's own
key could, in a conversation with it. So the best verdict is ``holder_unbound``: genuine, and staff
compare portrait and person.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from localservices.verification import certificates, mrz
from localservices.verification.formats import passport_reading
from localservices.verification.formats.mrz import claims_of, end_ms, type_of
from localservices.verification.formats.passport_reading import Chip
from localservices.verification.issuers import Signer, of_chain
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace
from localservices.verification.x509_signatures import HASHES

FORMAT = "passport"
_PERSON = 1  # the data group that holds the machine-readable zone


def recognises(text: str) -> bool:
    """Never raises."""
    return passport_reading.is_one(text)


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Never raises."""
    trust = known.trust(Purpose.PASSPORT)
    verdict = Verdict(
        State.MALFORMED, Reason.CMS, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        return _judged(verdict, passport_reading.read(text), trust)
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)


def _judged(verdict: Verdict, chip: Chip, trust: TrustList) -> Verdict:
    leaf = chip.message.signer
    if chip.hashed not in HASHES or chip.message.digest not in HASHES:  # SHA-1 can be forged
        raise DocumentError(Reason.ALGORITHM)
    verdict = replace(verdict, issuer=certificates.country(leaf), checks=(Check.READABLE,))
    found = of_chain([leaf.der], trust, verdict.judged_at_ms)
    if not found:
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.CHAIN)
    [signer] = found
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    if not chip.message.is_genuine():
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    if not _agree(chip):
        return replace(verdict, state=State.TAMPERED, reason=Reason.DISCLOSURE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    has_other_use = leaf.usages or leaf.is_authority  # who signs documents has none (part 12)
    if has_other_use or not signer.may_sign:
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.KEY_USAGE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.KEY_USAGE))
    if _PERSON not in chip.groups:
        return replace(verdict, state=State.UNSUPPORTED, reason=Reason.GROUP_ABSENT)
    return _dated(_shown(verdict, chip.groups[_PERSON]), signer)


def _agree(chip: Chip) -> bool:
    """Whether each data group is the one whose hash was signed (part 11, section 5.1)."""
    return all(
        hmac.compare_digest(hashlib.new(chip.hashed, data).digest(), chip.hashes.get(number, b""))
        for number, data in chip.groups.items()
    )


def _shown(verdict: Verdict, group: bytes) -> Verdict:
    lines = mrz.lines_of(passport_reading.zone_of(group))
    if lines is None:
        raise DocumentError(Reason.SCHEMA, field="DG1")
    today = datetime.fromtimestamp(max(0, verdict.judged_at_ms) / 1000, UTC).date()
    zone = mrz.read(lines, today)
    return replace(
        verdict,
        document_type=type_of(zone),
        claims=claims_of(zone),
        checks=(*verdict.checks, Check.CONTENT),
        not_after_ms=end_ms(zone),
        details={"field": "MRZ"} if zone.slips else {},
    )


def _dated(verdict: Verdict, signer: Signer) -> Verdict:
    at_ms, end = verdict.judged_at_ms, verdict.not_after_ms
    if end is None:
        raise DocumentError(Reason.NO_END)
    if at_ms > end:
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    if not signer.is_in_force:
        return replace(verdict, state=State.ISSUER_EXPIRED, reason=Reason.ISSUER_EXPIRED)
    verdict = replace(verdict, checks=(*verdict.checks, Check.DATES))
    if verdict.details:  # a slip that the issuer signed
        return replace(verdict, state=State.SCHEMA_WARNING, reason=Reason.SCHEMA)
    return replace(verdict, state=State.HOLDER_UNBOUND, reason=Reason.CHIP_UNPROVEN)
