"""Judging a document at the desk, and writing down that it was judged. Knows no HTTP."""

import hashlib
from dataclasses import replace

from localservices.desk import Desk
from localservices.verification import engine, query
from localservices.verification.again import Changed
from localservices.verification.formats import mrz
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.query import Query
from localservices.verification.registries import Registries
from localservices.verification.verdict import Check, Verdict
from sync.wire.kinds.document import DocumentChecked


def check(desk: Desk, known: Knowledge, when: When, text: str, form_id: bytes) -> Verdict:
    """Judge, and keep what was found; the document itself is not kept.

    Raises:
        StoreFullError, StoreFailedError: judged, but nothing was written.
    """
    verdict = engine.judge(text, known, when)
    _keep(desk, verdict, _fingerprint(verdict, text), form_id)
    return verdict


def keep_again(desk: Desk, changed: Changed) -> None:
    """Write down what came of a check that ended in doubt, for whom checked it first.

    Raises:
        StoreFullError, StoreFailedError: nothing was written.
    """
    _keep(replace(desk, staff_name=changed.staff), changed.now, b"", desk.new_id())


def look_up(
    desk: Desk, registries: Registries, when: When, asked: Query, form_id: bytes
) -> Verdict:
    """Judge by the registry. What cannot be written down is not looked up: every look is audited.

    Raises:
        StoreFullError, StoreFailedError: nothing was written, and nothing is said.
    """
    verdict = query.judge(asked, registries, when)
    _keep(desk, verdict, b"", form_id)
    return verdict


def _keep(desk: Desk, verdict: Verdict, fingerprint: bytes, form_id: bytes) -> None:
    record = DocumentChecked(
        format=verdict.format,
        document_type=verdict.document_type or "unknown",
        verdict=verdict.state.value,
        reason=verdict.reason,
        payload_sha256=fingerprint,
        checked_by=desk.staff_name,
        issuer=verdict.issuer,
        trust_age_s=verdict.trust_age_s,
    )
    desk.store.write(record, once=form_id)


def _fingerprint(verdict: Verdict, text: str) -> bytes:
    # Only of a signed message, which nobody can guess: the hash of a passport's lines, or of its
    # number that was typed here by mistake, would tell them to whoever tries them all.
    if Check.READABLE not in verdict.checks or verdict.format == mrz.FORMAT:
        return b""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
