"""A busload of documents: one request in JSON a line, one verdict for each."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from localservices.verification import engine, trust_files
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import Reason, State, Verdict

LINE_BYTES_MAX = 4 * 1024 * 1024  # a document, and some thousand certificates


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Every line; of one that is too long, only so much that this can be seen."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        yield line
        while len(line) > LINE_BYTES_MAX and not line.endswith(b"\n"):
            line = stream.readline(LINE_BYTES_MAX + 1)


def judge_line(line: bytes, known: Knowledge, now_ms: int) -> Verdict:
    """Judge ``{"payload": str, "trust": [base64 DER], "at": ISO 8601}``. Never raises.

    ``known`` and ``now_ms`` stand in for a trust list and a time that the line lacks; a list in the
    line is as new as its time. A line that asks for nothing sensible is malformed.
    """
    try:
        asked: Any = json.loads(line) if len(line) <= LINE_BYTES_MAX else None
        payload, at, ders = asked["payload"], asked.get("at"), asked.get("trust")
        at_ms = now_ms if at is None else unix_ms(at)
        if ders is not None:
            listed = trust_files.of_entries(ders, at_ms)
            known = Knowledge((listed,), known.status, known.rules)
        return engine.judge(str(payload), known, When(at_ms))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Verdict(State.MALFORMED, Reason.LINE, engine.UNKNOWN, now_ms)


def unix_ms(text: str) -> int:
    """Read ISO 8601; a time without a zone is meant in UTC. Raises ValueError or TypeError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)
