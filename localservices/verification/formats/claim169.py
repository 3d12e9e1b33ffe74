"""A person's data in a CWT: MOSIP's Claim 169, read and judged once its signer is known.

The map of attributes is that of the Claim 169 registration (version 1.0) at IANA's CWT claims.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localservices.verification import moments
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace
from sync.wire.edocument import (
    BIRTH,
    COUNTRY,
    EXPIRES,
    FACE,
    FIRST,
    FULL_NAME,
    GENDER,
    ID,
    ISSUED,
    ISSUER,
    LAST,
    LEGAL_STATUS,
    MIDDLE,
    NATIONALITY,
    NOT_BEFORE,
    PERSON,
    SEEN,
    STATUS,
)

GENDERS = {1: "male", 2: "female", 3: "other"}
_TEXT_CHARS_MAX = 1_000
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """What a CWT says, believed or not.

    Attributes:
        claims: as staff compare them with the person.
        face: a picture's bytes; None: none is there.
        status: what it says of a status list, as it stands there.
    """

    issuer: str | None
    claims: tuple[tuple[str, str], ...]
    begin_ms: int | None
    end_ms: int | None
    issued_ms: int | None
    face: bytes | None
    status: object
    document_type: str = "identity"


def read(cwt: object) -> Told:
    """Raises DocumentError: ``cwt``, or ``schema`` with the field that is amiss."""
    if not isinstance(cwt, Mapping) or not isinstance(cwt.get(ISSUER), str | None):
        raise DocumentError(Reason.CWT)
    person = cwt.get(PERSON)
    if not isinstance(person, Mapping):
        raise DocumentError(Reason.SCHEMA, field=str(PERSON))
    return Told(
        cwt.get(ISSUER),
        _claims(person) + _seen(cwt),
        moments.of_number(cwt.get(NOT_BEFORE)),
        moments.of_number(cwt.get(EXPIRES)),
        moments.of_number(cwt.get(ISSUED)),
        _face(person.get(FACE)),
        cwt.get(STATUS),
    )


def shown(verdict: Verdict, told: Told) -> Verdict:
    """With what the document says of itself."""
    begin_ms = told.begin_ms if told.begin_ms is not None else told.issued_ms
    return replace(
        verdict,
        document_type=told.document_type,
        issuer=told.issuer or verdict.issuer,
        claims=told.claims,
        not_before_ms=begin_ms,
        not_after_ms=told.end_ms,
        checks=(*verdict.checks, Check.CONTENT),
    )


def dated(verdict: Verdict) -> Verdict:
    """Judge a genuine one by its time; without an end it is not accepted."""
    at_ms, begin_ms, end_ms = verdict.judged_at_ms, verdict.not_before_ms, verdict.not_after_ms
    if begin_ms is not None and at_ms < begin_ms:
        return replace(verdict, state=State.NOT_YET_VALID, reason=Reason.NOT_YET_VALID)
    if end_ms is None:
        return replace(verdict, state=State.MALFORMED, reason=Reason.NO_END)
    if at_ms >= end_ms:  # RFC 8392 section 3.1.4: on or after
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    checks = (*verdict.checks, Check.DATES)
    return replace(verdict, state=State.VALID, reason=Reason.VALID, checks=checks)


def _claims(person: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    parts = [_text(person, part) for part in (LAST, FIRST, MIDDLE)]
    name = _text(person, FULL_NAME) or " ".join(filter(None, parts))
    if not name:
        raise DocumentError(Reason.SCHEMA, field=str(FULL_NAME))
    claims = [
        ("name", name),
        ("birth", _day(_text(person, BIRTH))),
        ("sex", _gender(person.get(GENDER))),
        ("number", _text(person, ID)),
        ("nationality", _text(person, NATIONALITY)),
        ("legal_status", _text(person, LEGAL_STATUS)),
        ("country", _text(person, COUNTRY)),
    ]
    return tuple((label, value) for label, value in claims if value)


def _seen(cwt: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    """By what the issuer knew the person; documents that others issue don't say."""
    if SEEN not in cwt:
        return ()
    return (("seen", _text(cwt, SEEN) or "only_said"),)


def _text(person: Mapping[Any, Any], field: int) -> str:
    found = person.get(field, "")
    if not isinstance(found, str) or len(found) > _TEXT_CHARS_MAX:
        raise DocumentError(Reason.SCHEMA, field=str(field))
    return found


def _day(text: str) -> str:
    """As ISO 8601 writes it; what is no day stays as it is."""
    found = _DAY.fullmatch(text)
    return "-".join(found.groups()) if found else text


def _gender(found: object) -> str:
    if found is None:
        return ""
    if type(found) is not int or found not in GENDERS:
        raise DocumentError(Reason.SCHEMA, field=str(GENDER))
    return GENDERS[found]


def _face(found: object) -> bytes | None:
    match found:
        case None:
            return None
        case [Mapping() as first, *_] | (Mapping() as first, *_) if isinstance(first.get(0), bytes):
            picture: bytes = first[0]
            return picture
        case _:
            raise DocumentError(Reason.SCHEMA, field=str(FACE))
