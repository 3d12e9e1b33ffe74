"""Whether a genuine document still stands, by the status list that it names."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localservices.verification.knowledge import Knowledge
from localservices.verification.status import Status, Statuses, StatusList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict

_ENTRIES_MAX = 16
_PURPOSES = {
    "revocation": (State.REVOKED, Reason.REVOKED),
    "suspension": (State.SUSPENDED, Reason.SUSPENDED),
}
_UNLESS = frozenset({State.VALID, State.VALID_EXTENDED, State.HOLDER_UNBOUND, State.SCHEMA_WARNING})


def standing(verdict: Verdict, told: object, known: Knowledge) -> Verdict:
    """Look up what ``told`` names: the claim ``status`` of a token (Token Status List, section 6).

    None: it names none, and stands. Only what is good so far can be revoked. Raises DocumentError.
    """
    if told is None or verdict.state not in _UNLESS:
        return verdict
    match told:
        case Mapping():
            reference = told.get("status_list")
        case _:
            raise DocumentError(Reason.STATUS_LIST)
    if not isinstance(reference, Mapping):
        raise DocumentError(Reason.STATUS_LIST)
    uri, index = reference.get("uri"), reference.get("idx")
    if not isinstance(uri, str) or type(index) is not int:
        raise DocumentError(Reason.STATUS_LIST)
    found = known.status(uri)
    if found is None or not _is_in_force(found, verdict.judged_at_ms):
        return replace(verdict, state=State.STATUS_UNKNOWN, reason=Reason.STATUS_ABSENT)
    verdict = replace(verdict, status_age_s=_age_s(found, verdict.judged_at_ms))
    status = found.of(index)
    if status == Status.VALID:
        return replace(verdict, checks=(*verdict.checks, Check.STATUS))
    if status == Status.SUSPENDED:
        return replace(verdict, state=State.SUSPENDED, reason=Reason.SUSPENDED)
    return replace(verdict, state=State.REVOKED, reason=Reason.REVOKED)


def standing_of_both(
    verdict: Verdict, claims: Mapping[str, Any], credential: Mapping[str, Any], known: Knowledge
) -> Verdict:
    """By whichever mechanism the issuer chose, or both. Raises DocumentError."""
    verdict = standing(verdict, claims.get("status"), known)
    return standing_of_entries(verdict, credential.get("credentialStatus"), known)


def standing_of_entries(verdict: Verdict, told: object, known: Knowledge) -> Verdict:
    """As ``standing``, of ``credentialStatus`` (W3C Bitstring Status List, section 2.1).

    One entry or several; the first that is not good counts. A purpose that says nothing of
    validity is passed by.
    """
    if told is None or verdict.state not in _UNLESS:
        return verdict
    entries = told if isinstance(told, list) else [told]
    if len(entries) > _ENTRIES_MAX:
        raise DocumentError(Reason.STATUS_LIST)
    for entry in entries:
        verdict = _entry(verdict, entry, known)
        if verdict.state not in _UNLESS:
            return verdict
    return verdict


def _entry(verdict: Verdict, entry: object, known: Knowledge) -> Verdict:
    match entry:
        case {"statusListCredential": str(uri), "statusListIndex": str() | int() as index, **rest}:
            purpose = rest.get("statusPurpose", "revocation")
        case _:
            raise DocumentError(Reason.STATUS_LIST)
    if purpose not in _PURPOSES:
        return verdict
    found = known.status(uri)
    if not isinstance(found, StatusList) or not _is_in_force(found, verdict.judged_at_ms):
        return replace(verdict, state=State.STATUS_UNKNOWN, reason=Reason.STATUS_ABSENT)
    if found.purpose != purpose or not re.fullmatch(r"\d{1,12}", str(index), re.ASCII):
        raise DocumentError(Reason.STATUS_LIST)
    verdict = replace(verdict, status_age_s=_age_s(found, verdict.judged_at_ms))
    if found.sized(rest.get("statusSize", 1)).of(int(index)) == Status.VALID:
        return replace(verdict, checks=(*verdict.checks, Check.STATUS))
    state, reason = _PURPOSES[purpose]
    return replace(verdict, state=state, reason=reason)


def _is_in_force(found: Statuses, at_ms: int) -> bool:
    return found.not_after_ms is None or at_ms < found.not_after_ms


def _age_s(found: Statuses, at_ms: int) -> int | None:
    return None if found.made_at_ms is None else max(0, at_ms - found.made_at_ms) // 1000
