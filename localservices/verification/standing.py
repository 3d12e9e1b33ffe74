"""Whether a genuine document still stands, by the status list that it names."""

from collections.abc import Mapping
from dataclasses import replace

from localservices.verification.knowledge import Knowledge
from localservices.verification.status import Status
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict

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
    at_ms = verdict.judged_at_ms
    if found is None or (found.not_after_ms is not None and at_ms >= found.not_after_ms):
        return replace(verdict, state=State.STATUS_UNKNOWN, reason=Reason.STATUS_ABSENT)
    age_s = None if found.made_at_ms is None else max(0, at_ms - found.made_at_ms) // 1000
    verdict = replace(verdict, status_age_s=age_s)
    status = found.of(index)
    if status == Status.VALID:
        return replace(verdict, checks=(*verdict.checks, Check.STATUS))
    if status == Status.SUSPENDED:
        return replace(verdict, state=State.SUSPENDED, reason=Reason.SUSPENDED)
    return replace(verdict, state=State.REVOKED, reason=Reason.REVOKED)
