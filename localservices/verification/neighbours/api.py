"""The interface of neighbours' verifiers: a web application of its own, without cookies or pages.

It stands beside the pages and shares nothing with them. So no session opens it, and no key them.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, Response, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from localservices import messages
from localservices.messages import LANGUAGES, Messages
from localservices.verification import engine, in_words, record
from localservices.verification.neighbours import asked, openapi, problems
from localservices.verification.neighbours.keys import ApiKey
from localservices.verification.neighbours.means import Means
from localservices.verification.neighbours.pace import Pace
from localservices.verification.neighbours.problems import Problem, ProblemError, later
from localservices.verification.verdict import Verdict

PATH = "/api/v1"
CHECKED_BY = "api: "  # and the key's name: so these checks stand in the records
JUDGED_AT_ONCE = 2  # requests: the others of the machine's threads are for its own people
TURN_S = 2.0
_FOLDER = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}
_PROBLEMS = {404: Problem.NOT_FOUND, 405: Problem.METHOD}


def create_pages(means: Means) -> Blueprint:
    """Nothing but the place of the interface beside the pages of an application."""
    pages = Blueprint("neighbours", __name__)
    api = create_api(means)

    def mount(state: BlueprintSetupState) -> None:
        app = cast(Flask, state.app)
        app.wsgi_app = beside(app.wsgi_app, api)  # type: ignore[method-assign]

    pages.record_once(mount)
    return pages


def beside(others: Callable[..., Any], api: Flask) -> Callable[..., Any]:
    """A WSGI application that gives to ``api`` what is asked under its path."""
    return DispatcherMiddleware(others, {PATH: api})


def create_api(means: Means) -> Flask:
    """The interface alone, ready to be served below its path."""
    api = Flask("localservices.verification.neighbours", static_folder=None)
    api.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # no page of another site may ask
    api.json.sort_keys = False  # type: ignore[attr-defined]
    views, described = _Api(means), openapi.document(PATH)
    api.add_url_rule("/verify", "verify", views.verify, methods=["POST"])
    api.add_url_rule("/openapi.json", "describe", lambda: jsonify(described))
    api.register_error_handler(ProblemError, views.problem)
    api.register_error_handler(HTTPException, views.http_problem)
    api.after_request(_add_headers)
    return api


class _Api:
    """One method an operation."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._pace = Pace()
        self._judging = threading.BoundedSemaphore(JUDGED_AT_ONCE)
        self._said = messages.load([_FOLDER.parent / "messages", _FOLDER / "messages"])

    def verify(self) -> ResponseReturnValue:
        key = self._holder()
        texts, is_alone = asked.payloads()
        self._take_turn(key, len(texts))
        verdicts = self._judged(texts)
        kept = self._keep(key, list(zip(texts, verdicts, strict=True)))
        told = [self._told(verdict, kept) for verdict in verdicts]
        return jsonify(told[0] if is_alone else {"verdicts": told})

    def problem(self, error: ProblemError) -> ResponseReturnValue:
        key = f"neighbours.problem.{error.problem.code}"
        told = problems.plain(error.problem, self._said.sentence(_language(), key, **error.facts))
        answer = jsonify(told)
        answer.status_code, answer.mimetype = error.problem.status, problems.MIME
        answer.headers.extend(error.headers)
        return answer

    def http_problem(self, error: HTTPException) -> ResponseReturnValue:
        """What the framework turns away."""
        code = error.code or 500
        if code < 400:
            return error.get_response()
        fallback = Problem.BAD_REQUEST if code < 500 else Problem.OURS
        allow = {name: text for name, text in error.get_headers() if name == "Allow"}
        return self.problem(ProblemError(_PROBLEMS.get(code, fallback), allow))

    def _holder(self) -> ApiKey:
        when = self._means.when()
        return asked.holder(self._means.keys, max(when.at_ms, when.passed_ms or 0))

    def _take_turn(self, key: ApiKey, count: int) -> None:
        wait_ms = self._pace.wait_ms(key.key_id, count, self._means.monotonic_ms())
        if wait_ms:
            raise later(Problem.OFTEN, wait_ms)

    def _keep(self, key: ApiKey, judged: Sequence[tuple[str, Verdict]]) -> bool:
        return self._means.keep(
            [
                record.of(verdict, record.fingerprint(verdict, text), CHECKED_BY + key.name)
                for text, verdict in judged
            ]
        )

    def _judged(self, texts: Sequence[str]) -> list[Verdict]:
        if not self._judging.acquire(timeout=TURN_S):
            raise later(Problem.BUSY, 1000)
        try:
            known, when = self._means.known(), self._means.when()
            return [engine.judge(text, known, when) for text in texts]
        finally:
            self._judging.release()

    def _told(self, verdict: Verdict, kept: bool) -> dict[str, Any]:
        return told(verdict, kept, self._said, _language())


def told(verdict: Verdict, kept: bool, said: Messages, language: str) -> dict[str, Any]:
    """As ``nezlam verify --json`` tells it, with what to do, and whether it was written down."""
    advice = said.sentence(language, f"verification.advice.{verdict.state}")
    return in_words.plain(verdict, said, language) | {"advice": advice, "kept": kept}


def _language() -> str:
    """What the request prefers; who says nothing is no reader of Ukrainian."""
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _add_headers(response: Response) -> Response:
    response.headers.extend(_HEADERS)
    response.headers["Content-Language"] = _language()
    return response
