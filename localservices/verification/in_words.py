"""A verdict as programs get it: what it says, and the same in a sentence that a person can read."""

from typing import Any

from localservices.messages import Messages
from localservices.verification.verdict import Verdict


def plain(verdict: Verdict, said: Messages, language: str) -> dict[str, Any]:
    """``said`` holds the messages of verification. What ``nezlam verify --json`` prints."""
    words = said.sentence(language, f"verification.reason.{verdict.reason}", **verdict.facts)
    return verdict.plain() | {"in_words": words}
