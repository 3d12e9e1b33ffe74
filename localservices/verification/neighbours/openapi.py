"""The interface described as OpenAPI 3.1 has it, made of what the program itself goes by."""

from importlib.metadata import version
from typing import Any

from localservices.messages import LANGUAGES
from localservices.verification.neighbours import problems, schemas
from localservices.verification.neighbours.limits import BODY_BYTES_MAX, PAYLOADS_MAX
from localservices.verification.neighbours.problems import Problem

Described = dict[str, Any]

_OF_KEY = (Problem.NO_KEY, Problem.WRONG_KEY, Problem.KEYS)
_OF_BODY = (Problem.TOO_LARGE, Problem.TYPE, Problem.JSON)


def document(path: str) -> Described:
    """``path`` is where the interface is served."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nezlam: documents judged for a neighbour",
            "version": version("nezlam"),
            "description": "Ask this machine to judge documents. It needs no link; every verdict"
            " says how old the lists are that it relies on.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": path}],
        "security": [{"key": []}],
        "paths": {
            "/verify": {"post": _verify()},
            "/openapi.json": {"get": _self()},
            "/oid4vp/requests": {"post": _ask()},
            "/oid4vp/requests/{request_id}": {"get": _look()},
            "/oid4vp/response/{request_id}": {"post": _answer()},
        },
        "components": {
            "schemas": schemas.all_of_them(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The key that whoever runs this machine has given you.",
                }
            },
        },
    }


def _verify() -> Described:
    of_one = {
        "type": "object",
        "required": ["payload"],
        "properties": {"payload": _PAYLOAD},
        "additionalProperties": False,
    }
    several = {"type": "array", "items": _PAYLOAD, "minItems": 1, "maxItems": PAYLOADS_MAX}
    of_several = {
        "type": "object",
        "required": ["payloads"],
        "properties": {"payloads": several},
        "additionalProperties": False,
    }
    return {
        "operationId": "verify",
        "summary": "Judge a document, or up to a busload of them",
        "parameters": [_LANGUAGE],
        "requestBody": _sent(
            "application/json",
            {"oneOf": [of_one, of_several]},
            f"At most {BODY_BYTES_MAX} bytes.",
        ),
        "responses": {
            "200": _answered(
                {"oneOf": [schemas.ref("Verdict"), schemas.ref("Verdicts")]},
                "A verdict, or one for each document in their order. It is for you to accept.",
            )
        }
        | refusals(*_OF_KEY, *_OF_BODY, Problem.SHAPE, Problem.OFTEN, Problem.BUSY),
    }


def _self() -> Described:
    return {
        "operationId": "describe",
        "summary": "This description",
        "security": [],
        "responses": {"200": _answered({"type": "object"}, "An OpenAPI document.")},
    }


def _ask() -> Described:
    asked = {
        "type": "object",
        "properties": {
            "address": {
                "type": "string",
                "description": "Where the wallet reaches this machine, if it is not where you do:"
                " https://central.example.org",
            },
            "dcql_query": {
                "type": "object",
                "description": "For credentials dc+sd-jwt and mso_mdoc. Without one: name and"
                " birthday, from a PID or a driving licence.",
            },
        },
        "additionalProperties": False,
    }
    return {
        "operationId": "ask",
        "summary": "Make a request to a wallet (OpenID4VP 1.0, direct_post)",
        "parameters": [_LANGUAGE],
        "requestBody": _sent("application/json", asked, "An empty object serves."),
        "responses": {
            "201": _answered(schemas.ref("Asked"), "Show it to the wallet within ten minutes.")
        }
        | refusals(*_OF_KEY, *_OF_BODY, Problem.QUERY, Problem.OFTEN),
    }


def _look() -> Described:
    return {
        "operationId": "look",
        "summary": "What came of a request to a wallet",
        "parameters": [_REQUEST, _LANGUAGE],
        "responses": {
            "200": _answered(schemas.ref("Presented"), "Verdicts, by the query's credentials.")
        }
        | refusals(*_OF_KEY, Problem.NOT_FOUND),
    }


def _answer() -> Described:
    names = ("state", "vp_token", "error", "error_description")
    sent = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {
        "operationId": "answer",
        "summary": "For the wallet: present what was asked for, once",
        "security": [],
        "parameters": [_REQUEST],
        "requestBody": _sent(
            "application/x-www-form-urlencoded",
            sent | {"required": ["state"]},
            f"At most {BODY_BYTES_MAX} bytes.",
        ),
        "responses": {"200": _answered(schemas.exactly({}), "Taken.")}
        | refusals(
            Problem.NOT_FOUND,
            Problem.TOO_LARGE,
            Problem.TYPE,
            Problem.PRESENTATION,
            Problem.ANSWERED,
            Problem.BUSY,
        ),
    }


def refusals(*reasons: Problem) -> Described:
    """A response for each status; several problems may share one."""
    by_status: dict[int, list[str]] = {}
    for reason in reasons:
        by_status.setdefault(reason.status, []).append(reason.code)
    return {
        str(status): {
            "description": f"A problem of the code {' or '.join(codes)}.",
            "content": {problems.MIME: {"schema": schemas.ref("Problem")}},
        }
        for status, codes in sorted(by_status.items())
    }


def _sent(mime: str, schema: Described, description: str) -> Described:
    return {"required": True, "description": description, "content": {mime: {"schema": schema}}}


def _answered(schema: Described, description: str) -> Described:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_PAYLOAD = {
    "type": "string",
    "description": "The text of the document's code, or the lines of its machine-readable zone.",
}
_REQUEST = {
    "name": "request_id",
    "in": "path",
    "required": True,
    "description": "As it was given when the request was made.",
    "schema": {"type": "string"},
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": f"The language of sentences: {' or '.join(LANGUAGES)}.",
    "schema": {"type": "string", "default": "en"},
}
