"""What is written down of a check: how a document was judged and for whom, and nothing in it."""

import hashlib

from localservices.verification.formats import mrz
from localservices.verification.verdict import Check, Verdict
from sync.wire.kinds.document import DocumentChecked

DOCUMENT_BYTES_MAX = 48 * 1024  # a record holds little more; a licence with a portrait is 40 KB
ISSUER_CHARS_MAX = 200  # of a document that nobody signed it may be of any length


def of(
    verdict: Verdict, fingerprint: bytes, checked_by: str, document: str | None = None
) -> DocumentChecked:
    """``fingerprint`` is that of the document, or empty; ``document``: where policy keeps it."""
    return DocumentChecked(
        format=verdict.format,
        document_type=verdict.document_type or "unknown",
        verdict=verdict.state.value,
        reason=verdict.reason,
        payload_sha256=fingerprint,
        checked_by=checked_by,
        issuer=verdict.issuer and verdict.issuer[:ISSUER_CHARS_MAX],
        trust_age_s=verdict.trust_age_s,
        document=document,
    )


def whole(verdict: Verdict, text: str) -> str | None:
    """The document, if it is one that was signed, and that a record can hold."""
    is_signed = Check.SIGNATURE in verdict.checks
    return text if is_signed and len(text.encode()) <= DOCUMENT_BYTES_MAX else None


def fingerprint(verdict: Verdict, text: str) -> bytes:
    # Only of a signed message, which nobody can guess: the hash of a passport's lines, or of its
    # number that was typed here by mistake, would tell them to whoever tries them all.
    if Check.READABLE not in verdict.checks or verdict.format == mrz.FORMAT:
        return b""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
