"""The interface of neighbours' verifiers: a web application of its own, without cookies or pages.

It stands beside the pages and shares nothing with them. So no session opens it, and no key them.
"""

from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Flask, Response, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from localservices.verification.neighbours import asked, openapi, speaking
from localservices.verification.neighbours.judging import Judging
from localservices.verification.neighbours.means import Means
from localservices.verification.neighbours.oid4vp import ANSWERED_AT, Oid4vp
from localservices.verification.neighbours.problems import ProblemError
from localservices.verification.neighbours.speaking import Speaking

PATH = "/api/v1"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}


def create_pages(means: Means) -> Blueprint:
    """Nothing but the place of the interface beside the pages of an application."""
    pages = Blueprint("neighbours", __name__)
    api = create_api(means)

    def mount(state: BlueprintSetupState) -> None:
        app = cast(Flask, state.app)
        app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
            cast(Callable[..., Any], app.wsgi_app), {PATH: api}
        )

    pages.record_once(mount)
    return pages


def create_api(means: Means) -> Flask:
    """The interface alone, ready to be served below its path."""
    api = Flask("localservices.verification.neighbours", static_folder=None)
    api.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # no page of another site may ask
    api.json.sort_keys = False  # type: ignore[attr-defined]
    judging, speech, described = Judging(means), Speaking(), openapi.document(PATH)
    wallets = Oid4vp(means, judging, speech, PATH)

    def verify() -> ResponseReturnValue:
        return _verify(means, judging, speech)

    api.add_url_rule("/verify", "verify", verify, methods=["POST"])
    api.add_url_rule("/openapi.json", "describe", lambda: jsonify(described))
    api.add_url_rule("/oid4vp/requests", "ask", wallets.ask, methods=["POST"])
    api.add_url_rule("/oid4vp/requests/<request_id>", "look", wallets.look)
    api.add_url_rule(f"{ANSWERED_AT}/<request_id>", "answer", wallets.answer, methods=["POST"])
    api.register_error_handler(ProblemError, speech.problem)
    api.register_error_handler(HTTPException, speech.http_problem)
    api.after_request(_add_headers)
    return api


def _verify(means: Means, judging: Judging, speech: Speaking) -> ResponseReturnValue:
    key = asked.holder(means)
    texts, is_alone = asked.payloads()
    judging.count(key, len(texts))
    with judging.turn():
        found = judging.check(texts, key.name)
    told = [speech.told(one) for one in found]
    return jsonify(told[0] if is_alone else {"verdicts": told})


def _add_headers(response: Response) -> Response:
    response.headers.extend(_HEADERS)
    response.headers["Content-Language"] = speaking.language()
    return response
