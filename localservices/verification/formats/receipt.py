"""A receipt: what a node signed when somebody filed an application there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localservices.verification import moments
from localservices.verification.formats.claim169 import Told
from localservices.verification.verdict import DocumentError, Reason
from sync.wire.edocument import (
    ASKED,
    EXPIRES,
    ISSUED,
    NUMBER,
    RECEIPT,
    RECORD,
    SINCE,
    TITLE,
)

_TEXT_CHARS_MAX = 200
_SHA256_BYTES = 32


def read(cwt: Mapping[Any, Any]) -> Told:
    """Raises DocumentError: ``schema`` with the field that is amiss."""
    said = cwt.get(RECEIPT)
    if not isinstance(said, Mapping):
        raise DocumentError(Reason.SCHEMA, field=str(RECEIPT))
    sha256 = said.get(RECORD)
    if not isinstance(sha256, bytes) or len(sha256) != _SHA256_BYTES:
        raise DocumentError(Reason.SCHEMA, field=str(RECORD))
    issued_ms, since_ms = moments.of_number(cwt.get(ISSUED)), moments.of_number(said.get(SINCE))
    claims = [
        ("asked", _text(said, TITLE)),
        ("service", _text(said, ASKED)),
        ("number", _text(said, NUMBER)),
        ("filed_since", _moment(since_ms)),
        ("filed", _moment(issued_ms)),
        ("record", sha256.hex()),
    ]
    return Told(
        None,
        tuple((label, value) for label, value in claims if value),
        None,
        moments.of_number(cwt.get(EXPIRES)),
        issued_ms,
        None,
        None,
        document_type="receipt",
    )


def _text(said: Mapping[Any, Any], field: int) -> str:
    found = said.get(field)
    if not isinstance(found, str) or not 0 < len(found) <= _TEXT_CHARS_MAX:
        raise DocumentError(Reason.SCHEMA, field=str(field))
    return found


def _moment(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
