"""Reads what a neighbour sent, bounded before it is parsed. Each refusal is a ``ProblemError``."""

from typing import Any
from urllib.parse import parse_qsl

from flask import request

from localservices.verification import strict_json
from localservices.verification.neighbours.keys import ApiKey, KeysError
from localservices.verification.neighbours.limits import BODY_BYTES_MAX, PAYLOADS_MAX
from localservices.verification.neighbours.means import Means
from localservices.verification.neighbours.problems import Problem, ProblemError, unknown

_READ_BYTES = 64 * 1024
_FIELDS_MAX = 10


def holder(means: Means) -> ApiKey:
    """Whose key came along (RFC 6750 section 2.1). Nothing of the body is read for strangers."""
    said = request.authorization
    if said is None or said.type != "bearer" or not said.token:
        raise unknown(Problem.NO_KEY)
    when = means.when()
    try:
        found = means.keys.holder(said.token, max(when.at_ms, when.passed_ms or 0))
    except KeysError as error:
        raise ProblemError(Problem.KEYS) from error
    if found is None:
        raise unknown(Problem.WRONG_KEY)
    return found


def body(mime: str) -> bytes:
    """What was sent, as long as it may be."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        while request.input_stream.read(_READ_BYTES):
            continue  # who is cut off while sending never hears why; servers bound this
        raise ProblemError(Problem.TOO_LARGE, most=BODY_BYTES_MAX)
    if request.mimetype != mime:
        raise ProblemError(Problem.TYPE, mime=mime)
    return request.get_data(cache=False)


def table() -> dict[str, Any]:
    """The JSON object that was sent; what is none is as good as an empty one."""
    try:
        found = strict_json.loads(body("application/json"))
    except ValueError as error:
        raise ProblemError(Problem.JSON) from error
    return found if isinstance(found, dict) else {}


def payloads() -> tuple[list[str], bool]:
    """The documents' texts, and whether one alone was sent."""
    match table():
        case {"payload": str(one), **rest} if not rest:
            return [one], True
        case {"payloads": [_, *_] as several, **rest} if not rest and len(several) <= PAYLOADS_MAX:
            texts = [one for one in several if isinstance(one, str)]
            if len(texts) == len(several):
                return texts, False
    raise ProblemError(Problem.SHAPE, most=PAYLOADS_MAX)


def form() -> dict[str, str]:
    """The fields of the form that was sent, each once."""
    try:
        pairs = parse_qsl(
            body("application/x-www-form-urlencoded").decode("ascii"),
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError as error:
        raise ProblemError(Problem.PRESENTATION) from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ProblemError(Problem.PRESENTATION)
    return fields
