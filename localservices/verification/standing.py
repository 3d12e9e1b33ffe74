"""Whether a genuine document still stands: by the status lists that it names, and its signer."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from localservices.verification.issuers import Signer
from localservices.verification.knowledge import Knowledge
from localservices.verification.status import Status, Statuses, StatusList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

_ENTRIES_MAX = 16
_PLACE = re.compile(r"\d{1,12}", re.ASCII)
_PURPOSES = {
    "revocation": (State.REVOKED, Reason.REVOKED),
    "suspension": (State.SUSPENDED, Reason.SUSPENDED),
}
# The W3C's types, and how the names of their fields begin.
_ENTRIES = {
    "BitstringStatusListEntry": ("statusList",),
    "StatusList2021Entry": ("statusList",),
    "RevocationList2020Status": ("revocationList", "statusList"),
}
_UNLESS = frozenset({State.VALID, State.VALID_EXTENDED, State.HOLDER_UNBOUND, State.SCHEMA_WARNING})
_BY_GRAVITY = (
    State.REVOKED,
    State.SUSPENDED,
    State.MALFORMED,
    State.STATUS_UNKNOWN,
    State.VALID,
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one list says. ``age_s``: how old it is; None: nobody says."""

    state: State
    reason: Reason
    age_s: int | None = None
    details: dict[str, str] = field(default_factory=dict)


_STANDS = State.VALID, Reason.VALID
_ABSENT = _Answer(State.STATUS_UNKNOWN, Reason.STATUS_ABSENT)
_OF_NO_KIND = _Answer(State.STATUS_UNKNOWN, Reason.STATUS_KIND)


@dataclass(frozen=True, slots=True)
class _Asking:
    """On behalf of a document by this signer."""

    known: Knowledge
    at_ms: int
    signer: Signer

    def answer(
        self, uri: str, place: int, read: Callable[[Statuses, int], tuple[State, Reason]]
    ) -> _Answer:
        """What ``read`` finds at a place of the list, if that is here, in force and the issuer's.

        A negative place is none on any list.
        """
        if place < 0:
            return _Answer(State.MALFORMED, Reason.STATUS_INDEX)
        found = self.known.status(uri)
        if found is None or (found.not_after_ms is not None and self.at_ms >= found.not_after_ms):
            return _ABSENT
        if found.by is not None and not found.by & self.signer.marks:
            return _Answer(State.STATUS_UNKNOWN, Reason.STATUS_LIST)
        made_ms = found.made_at_ms
        age_s = None if made_ms is None else max(0, self.at_ms - made_ms) // 1000
        try:
            return _Answer(*read(found, place), age_s)
        except DocumentError as error:
            return _Answer(State.MALFORMED, error.code, age_s, error.details)


def standing(verdict: Verdict, told: object, known: Knowledge, signer: Signer) -> Verdict:
    """Look up what ``told`` names: the claim ``status`` of a token (Token Status List, section 6).

    None: it names none, and stands. Only what is good so far can be revoked, or too late signed.

    A list may tell of a document if central says so, or if both signers are one issuer's: by the
    same key, by keys that the trust list has for one issuer's name, or both vouched for by one
    certificate on it (the draft's section on key resolution and trust management leaves which to
    the ecosystem). Otherwise any trusted issuer could revoke another's documents, or restore them.
    """
    asking = _Asking(known, verdict.judged_at_ms, signer)
    return _weighed(verdict, _of_claim(told, asking), signer)


def standing_of_both(
    verdict: Verdict,
    claims: Mapping[str, Any],
    credential: Mapping[str, Any],
    known: Knowledge,
    signer: Signer,
) -> Verdict:
    """As ``standing``, and by ``credentialStatus`` (W3C Bitstring Status List, section 2.1).

    That is one entry or several; of all answers the gravest counts. A purpose that says nothing of
    validity is passed by.
    """
    asking = _Asking(known, verdict.judged_at_ms, signer)
    claim = _of_claim(claims.get("status"), asking)
    return _weighed(verdict, chain(claim, _of_entries(credential, asking)), signer)


def _weighed(verdict: Verdict, answers: Iterable[_Answer], signer: Signer) -> Verdict:
    if verdict.state not in _UNLESS:
        return verdict
    verdict = _by_gravest(verdict, list(answers))
    if verdict.state in _UNLESS and not signer.is_in_force:
        return replace(verdict, state=State.ISSUER_EXPIRED, reason=Reason.ISSUER_EXPIRED)
    return verdict


def _by_gravest(verdict: Verdict, found: Sequence[_Answer]) -> Verdict:
    """What stands does so by the oldest list."""
    if not found:
        return verdict
    worst = min(found, key=lambda one: _BY_GRAVITY.index(one.state))
    if worst.state is State.VALID:
        ages = [one.age_s for one in found if one.age_s is not None]
        age_s = max(ages) if len(ages) == len(found) else None
        return replace(verdict, status_age_s=age_s, checks=(*verdict.checks, Check.STATUS))
    return replace(
        verdict,
        state=worst.state,
        reason=worst.reason,
        status_age_s=worst.age_s,
        details=worst.details,
    )


def _of_claim(told: object, asking: _Asking) -> Iterator[_Answer]:
    def read(found: Statuses, place: int) -> tuple[State, Reason]:
        value = found.of(place)
        if value == Status.SUSPENDED:
            return State.SUSPENDED, Reason.SUSPENDED
        return _STANDS if value == Status.VALID else (State.REVOKED, Reason.REVOKED)

    match told:
        case None:
            return
        case {"status_list": {"uri": str(uri), "idx": index}}:
            place = index if type(index) is int else -1
            yield asking.answer(uri, place, read)
        case {"status_list": _}:
            yield _spoiled("status_list")
        case Mapping():
            yield _OF_NO_KIND
        case _:
            yield _spoiled("status")


def _of_entries(credential: Mapping[str, Any], asking: _Asking) -> Iterator[_Answer]:
    told = credential.get("credentialStatus", [])
    entries = told if isinstance(told, list) else [told]
    if len(entries) > _ENTRIES_MAX:
        yield _spoiled("credentialStatus")
    for entry in entries[:_ENTRIES_MAX]:
        purpose = entry.get("statusPurpose", "revocation") if isinstance(entry, dict) else None
        if not isinstance(purpose, str):
            yield _spoiled("credentialStatus")
        elif purpose in _PURPOSES:
            yield _of_entry(entry, asking)


def _of_entry(entry: Mapping[str, Any], asking: _Asking) -> _Answer:
    kind, purpose = entry.get("type"), entry.get("statusPurpose", "revocation")
    if not isinstance(kind, str) or kind not in _ENTRIES:
        return _OF_NO_KIND
    prefix = next((one for one in _ENTRIES[kind] if f"{one}Credential" in entry), "statusList")
    uri, index = entry.get(f"{prefix}Credential"), entry.get(f"{prefix}Index")
    if not isinstance(uri, str):
        return _spoiled(f"{prefix}Credential")

    def read(found: Statuses, place: int) -> tuple[State, Reason]:
        if not isinstance(found, StatusList) or found.purpose != purpose:
            return State.STATUS_UNKNOWN, Reason.STATUS_LIST
        value = found.sized(entry.get("statusSize", 1)).of(place)
        return _STANDS if value == Status.VALID else _PURPOSES[purpose]

    place = int(str(index)) if _PLACE.fullmatch(str(index)) else -1
    return asking.answer(uri, place, read)


def _spoiled(name: str) -> _Answer:
    return _Answer(State.MALFORMED, Reason.SCHEMA, details={"field": name})
