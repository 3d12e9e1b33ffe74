"""A document that was typed: its type, its number, its holder's birthday; looked up, not proved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from localservices.verification.freshness import REGISTRY, Freshness
from localservices.verification.knowledge import When
from localservices.verification.pack import DocumentType
from localservices.verification.registries import NoKeyError, Registries
from localservices.verification.verdict import Check, Reason, State, Verdict, replace
from sync.wire.registry import form
from sync.wire.registry.hashing import plain

FORMAT = "registry"
NUMBER_CHARS_MAX = 40


_STATES = {
    form.STANDS: (State.MATCH_PROBABILISTIC, Reason.REGISTERED),
    form.SUSPENDED: (State.SUSPENDED, Reason.REGISTRY_SUSPENDED),
    form.REVOKED: (State.REVOKED, Reason.REGISTRY_REVOKED),
    form.GONE: (State.NOT_IN_REGISTRY, Reason.NOT_REGISTERED),
}


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, as it was typed."""

    document_type: str
    number: str
    born_on: date


def judge(
    query: Query, types: Mapping[str, DocumentType], registries: Registries, when: When
) -> Verdict:
    """What the registry says of it. An old registry neither accepts nor turns away."""
    verdict = Verdict(
        State.MALFORMED,
        Reason.NUMBER_FORM,
        FORMAT,
        when.at_ms,
        document_type=query.document_type,
        claims=(("number", plain(query.number)), ("birth", query.born_on.isoformat())),
        passed_ms=when.passed_ms,
    )
    known = types.get(query.document_type)
    if len(query.number) > NUMBER_CHARS_MAX or known is None:
        return replace(verdict, claims=(), details={"example": known.example if known else ""})
    if not known.number.fullmatch(plain(query.number)):
        return replace(verdict, details={"example": known.example})
    edition = registries.covering(query.document_type)
    if edition is None:
        return replace(verdict, state=State.UNSUPPORTED, reason=Reason.REGISTRY_ABSENT)
    age_s = max(0, when.at_ms - edition.made_ms) // 1000
    verdict = replace(verdict, registry_age_s=age_s, issuer=edition.registry.head.name)
    try:
        status = registries.look_up(edition, query.document_type, query.number, query.born_on)
    except NoKeyError:
        return replace(verdict, state=State.STATUS_UNKNOWN, reason=Reason.REGISTRY_CLOSED)
    verdict = replace(verdict, checks=(Check.READABLE, Check.REGISTRY))
    state, reason = _STATES[form.GONE if status is None else status]
    freshness = REGISTRY.of(age_s)
    if freshness is Freshness.STALE and state in (State.MATCH_PROBABILISTIC, State.NOT_IN_REGISTRY):
        return replace(verdict, state=State.STALE_DATA, reason=Reason.REGISTRY_STALE)
    is_ageing = freshness is Freshness.AGEING
    return replace(verdict, state=state, reason=reason, is_ageing=is_ageing)
