"""Whether a genuine document still stands, by the status lists that it names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from localservices.verification.knowledge import Knowledge
from localservices.verification.status import Status, Statuses, StatusList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict

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


def standing(verdict: Verdict, told: object, known: Knowledge) -> Verdict:
    """Look up what ``told`` names: the claim ``status`` of a token (Token Status List, section 6).

    None: it names none, and stands. Only what is good so far can be revoked.
    """
    return _weighed(verdict, _of_claim(told, known, verdict.judged_at_ms))


def standing_of_both(
    verdict: Verdict, claims: Mapping[str, Any], credential: Mapping[str, Any], known: Knowledge
) -> Verdict:
    """As ``standing``, and by ``credentialStatus`` (W3C Bitstring Status List, section 2.1).

    That is one entry or several; of all answers the gravest counts. A purpose that says nothing of
    validity is passed by.
    """
    at_ms = verdict.judged_at_ms
    claim = _of_claim(claims.get("status"), known, at_ms)
    return _weighed(verdict, chain(claim, _of_entries(credential, known, at_ms)))


def _weighed(verdict: Verdict, answers: Iterable[_Answer]) -> Verdict:
    """By the gravest answer; what stands does so by the oldest list."""
    found = list(answers) if verdict.state in _UNLESS else []
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


def _of_claim(told: object, known: Knowledge, at_ms: int) -> Iterator[_Answer]:
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
            yield _asked(known.status(uri), place, at_ms, read)
        case {"status_list": _}:
            yield _spoiled("status_list")
        case Mapping():
            yield _OF_NO_KIND
        case _:
            yield _spoiled("status")


def _of_entries(credential: Mapping[str, Any], known: Knowledge, at_ms: int) -> Iterator[_Answer]:
    told = credential.get("credentialStatus", [])
    entries = told if isinstance(told, list) else [told]
    if len(entries) > _ENTRIES_MAX:
        yield _spoiled("credentialStatus")
    for entry in entries[:_ENTRIES_MAX]:
        purpose = entry.get("statusPurpose", "revocation") if isinstance(entry, dict) else None
        if not isinstance(purpose, str):
            yield _spoiled("credentialStatus")
        elif purpose in _PURPOSES:
            yield _of_entry(entry, known, at_ms)


def _of_entry(entry: Mapping[str, Any], known: Knowledge, at_ms: int) -> _Answer:
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
    return _asked(known.status(uri), place, at_ms, read)


def _asked(
    found: Statuses | None,
    place: int,
    at_ms: int,
    read: Callable[[Statuses, int], tuple[State, Reason]],
) -> _Answer:
    """What ``read`` finds at a place of the list, if that is here and in force."""
    if place < 0:
        return _Answer(State.MALFORMED, Reason.STATUS_INDEX)
    if found is None or not _is_in_force(found, at_ms):
        return _ABSENT
    try:
        return _Answer(*read(found, place), _age_s(found, at_ms))
    except DocumentError as error:
        return _Answer(State.MALFORMED, error.code, _age_s(found, at_ms), error.details)


def _spoiled(name: str) -> _Answer:
    return _Answer(State.MALFORMED, Reason.SCHEMA, details={"field": name})


def _is_in_force(found: Statuses, at_ms: int) -> bool:
    return found.not_after_ms is None or at_ms < found.not_after_ms


def _age_s(found: Statuses, at_ms: int) -> int | None:
    return None if found.made_at_ms is None else max(0, at_ms - found.made_at_ms) // 1000
