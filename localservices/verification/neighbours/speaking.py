"""What the interface answers, in the language that the request prefers."""

from pathlib import Path
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from localservices import messages
from localservices.messages import LANGUAGES
from localservices.verification import in_words
from localservices.verification.neighbours import problems
from localservices.verification.neighbours.judging import Checked
from localservices.verification.neighbours.problems import Problem, ProblemError

_FOLDER = Path(__file__).parent
_PROBLEMS = {404: Problem.NOT_FOUND, 405: Problem.METHOD}


class Speaking:
    """One for a process. Any thread may call."""

    def __init__(self) -> None:
        self._said = messages.load([_FOLDER.parent / "messages", _FOLDER / "messages"])

    def told(self, checked: Checked) -> dict[str, Any]:
        """As ``nezlam verify --json`` tells it, with what to do, and whether it was kept."""
        verdict, chosen = checked.verdict, language()
        advice = self._said.sentence(chosen, f"verification.advice.{verdict.state}")
        found = in_words.plain(verdict, self._said, chosen)
        return found | {"advice": advice, "kept": checked.kept}

    def problem(self, error: ProblemError) -> ResponseReturnValue:
        key = f"neighbours.problem.{error.problem.code}"
        sentence = self._said.sentence(language(), key, **error.facts)
        answer = jsonify(problems.plain(error.problem, sentence))
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


def language() -> str:
    """What the request prefers; who says nothing is no reader of Ukrainian."""
    return request.accept_languages.best_match(LANGUAGES) or "en"
