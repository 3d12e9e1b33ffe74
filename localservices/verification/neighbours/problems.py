"""What keeps a request from being answered, told as RFC 9457 has it: one sentence for each."""

import math
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any

MIME = "application/problem+json"


class Problem(Enum):
    """Its code, which is its sentence's key, and its status."""

    BAD_REQUEST = "bad_request", 400
    JSON = "json", 400
    SHAPE = "shape", 400
    QUERY = "query", 400
    PRESENTATION = "presentation", 400
    NO_KEY = "no_key", 401
    WRONG_KEY = "wrong_key", 401
    NOT_FOUND = "not_found", 404
    METHOD = "method", 405
    ANSWERED = "answered", 409
    TOO_LARGE = "too_large", 413
    TYPE = "type", 415
    OFTEN = "often", 429
    OURS = "ours", 500
    BUSY = "busy", 503
    KEYS = "keys", 503

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def status(self) -> int:
        return self.value[1]


class ProblemError(Exception):
    """``headers`` go with the answer; ``facts`` fill the sentence's placeholders."""

    def __init__(
        self, problem: Problem, headers: Mapping[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(problem.code)
        self.problem, self.headers, self.facts = problem, dict(headers or {}), facts


def later(problem: Problem, wait_ms: int) -> ProblemError:
    """Nothing is wrong with the request but its time."""
    seconds = math.ceil(wait_ms / 1000)
    return ProblemError(problem, {"Retry-After": str(seconds)}, seconds=seconds)


def unknown(problem: Problem) -> ProblemError:
    """Nobody is known by this key (RFC 6750 section 3)."""
    error = ', error="invalid_token"' if problem is Problem.WRONG_KEY else ""
    return ProblemError(problem, {"WWW-Authenticate": f'Bearer realm="nezlam"{error}'})


def plain(problem: Problem, sentence: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": sentence,
        "code": problem.code,
    }
