"""What the interface answers, as JSON Schema (2020-12) describes it."""

from enum import Enum
from pathlib import Path
from typing import Any

from localservices import messages
from localservices.verification import verdict as verdicts
from localservices.verification.neighbours.presentations import Status
from localservices.verification.neighbours.problems import Problem
from localservices.verification.verdict import Check, Outcome, Reason, State

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_MS: Schema = {"type": ["integer", "null"], "description": "Unix milliseconds; null: not known."}
_AGE: Schema = {"type": ["integer", "null"], "description": "Seconds; null: not known."}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def all_of_them() -> dict[str, Schema]:
    return {
        "State": _one_of(State) | {"description": _states()},
        "Verdict": exactly(_verdict()),
        "Verdicts": exactly({"verdicts": {"type": "array", "items": ref("Verdict")}}),
        "Problem": _problem(),
        "Asked": exactly(_asked()),
        "Presented": exactly(_presented()),
    }


def exactly(properties: dict[str, Schema]) -> Schema:
    """An object of these members, all of them, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _verdict() -> dict[str, Schema]:
    """As ``Verdict.plain`` gives it, and what is added for a neighbour."""
    rule = {"rule": _TEXT, "country": _TEXT, "outcome": _one_of(Outcome), "asks": _texts()}
    return {
        "verdict": ref("State"),
        "reason": _one_of(Reason),
        "format": _TEXT,
        "document_type": {"type": ["string", "null"]},
        "issuer": {"type": ["string", "null"], "description": "As the document names it."},
        "claims": _texts() | {"description": "To compare with the person; of signed ones alone."},
        "checks": {"type": "array", "items": _one_of(Check), "description": "What was confirmed."},
        "not_before_ms": _MS,
        "not_after_ms": _MS,
        "judged_at_ms": _MS | {"type": "integer", "description": "Unix milliseconds."},
        "passed_ms": _MS,
        "trust_age_s": _AGE,
        "status_age_s": _AGE,
        "registry_age_s": _AGE,
        "is_ageing": {"type": "boolean", "description": "What it relies on is soon too old."},
        "rules": {"type": "array", "items": exactly(rule)},
        "in_words": _TEXT | {"description": "The reason in a sentence."},
        "advice": _TEXT | {"description": "What to do, in a sentence."},
        "kept": {"type": "boolean", "description": "Whether the check was written down."},
    }


def _asked() -> dict[str, Schema]:
    return {
        "id": _TEXT,
        "uri": _TEXT | {"description": "For the wallet, as a link or a QR code."},
        "request": {"type": "object", "description": "The same as JSON (OpenID4VP 1.0)."},
    }


def _presented() -> dict[str, Schema]:
    verdicts = {"type": "array", "items": ref("Verdict")}
    by_credential = {"type": "object", "additionalProperties": verdicts}
    return {"status": _one_of(Status), "verdicts": by_credential}


def _problem() -> Schema:
    found = exactly(
        {
            "type": {"const": "about:blank"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT | {"description": "What to do, in a sentence."},
            "code": {"enum": [problem.code for problem in Problem]},
        }
    )
    return found | {"description": "RFC 9457."}


def _one_of(names: type[Enum]) -> Schema:
    return {"type": "string", "enum": [one.value for one in names]}


def _texts() -> Schema:
    return {"type": "object", "additionalProperties": _TEXT}


def _states() -> str:
    said = messages.load([Path(verdicts.__file__).parent / "messages"])
    lines = [f"`{state}`: {said.sentence('en', f'verification.state.{state}')}." for state in State]
    return "\n".join(lines)
