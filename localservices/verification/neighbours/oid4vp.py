"""Asks wallets for presentations (OpenID4VP 1.0, direct_post) on behalf of a neighbour's verifier.

Section numbers are those of OpenID for Verifiable Presentations 1.0.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from localservices.verification import strict_json
from localservices.verification.neighbours import asked as asking
from localservices.verification.neighbours import queries
from localservices.verification.neighbours.judging import Judging
from localservices.verification.neighbours.means import Means
from localservices.verification.neighbours.presentations import (
    Asked,
    FullError,
    Presentations,
    Status,
)
from localservices.verification.neighbours.problems import Problem, ProblemError, later
from localservices.verification.neighbours.speaking import Speaking

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]{1,255}", re.ASCII)
ANSWERED_AT = "/oid4vp/response"


class Oid4vp:
    """One method an operation."""

    def __init__(self, means: Means, judging: Judging, speaking: Speaking, path: str) -> None:
        """``path`` is where the interface is served."""
        self._means, self._judging, self._speaking = means, judging, speaking
        self._path = path
        self._presentations = Presentations()

    def ask(self) -> ResponseReturnValue:
        """By a key's holder, who shows the link to a wallet."""
        key = asking.holder(self._means)
        address, query = _asked_for()
        self._judging.count(key, 1)
        try:
            asked = self._presentations.ask(
                (key.key_id, key.name),
                f"{address}{self._path}{ANSWERED_AT}",
                query,
                self._means.monotonic_ms(),
            )
        except FullError as error:
            raise later(Problem.OFTEN, error.wait_ms) from error
        told = {"id": asked.request_id, "uri": asked.uri(), "request": asked.request()}
        return jsonify(told), 201

    def look(self, request_id: str) -> ResponseReturnValue:
        """By the same holder: what came of it by now."""
        key = asking.holder(self._means)
        asked = self._of(request_id)
        if asked.asker != key.key_id:
            raise ProblemError(Problem.NOT_FOUND)
        found = {
            name: [self._speaking.told(one) for one in several]
            for name, several in asked.found.items()
        }
        return jsonify({"status": asked.status, "verdicts": found})

    def answer(self, request_id: str) -> ResponseReturnValue:
        """By a wallet, which has no key but was told the state (section 8.2)."""
        asked = self._of(request_id)
        fields = asking.form()
        if not asked.is_answered_by(fields.get("state", "")):
            raise ProblemError(Problem.PRESENTATION)
        if asked.status is not Status.WAITING:
            raise ProblemError(Problem.ANSWERED)
        if "error" in fields:
            self._settle(asked, Status.DECLINED)
            return jsonify({})
        presented = _presented(asked, fields.get("vp_token", ""))
        with self._judging.turn():
            self._settle(asked, Status.JUDGING)
            found = {
                name: self._judging.check(texts, asked.name, queries.formats_of(asked, name))
                for name, texts in presented.items()
            }
            self._presentations.settle(self._of(request_id), Status.ANSWERED, found)
        return jsonify({})

    def _settle(self, asked: Asked, status: Status) -> None:
        if not self._presentations.settle(asked, status):
            raise ProblemError(Problem.ANSWERED)

    def _of(self, request_id: str) -> Asked:
        found = self._presentations.of(request_id, self._means.monotonic_ms())
        if found is None:
            raise ProblemError(Problem.NOT_FOUND)
        return found


def _asked_for() -> tuple[str, Mapping[str, Any]]:
    """By which address the wallet reaches us, and what it is asked for."""
    table = asking.table()
    address = table.pop("address", request.host_url.rstrip("/"))
    query = table.pop("dcql_query", queries.IDENTITY)
    is_address = isinstance(address, str) and _ADDRESS.fullmatch(address)
    if table or not is_address or not queries.is_sound(query):
        raise ProblemError(Problem.QUERY)
    return address, query


def _presented(asked: Asked, token: str) -> Mapping[str, Sequence[str]]:
    try:
        found = queries.presented(asked, strict_json.loads(token.encode()))
    except ValueError as error:
        raise ProblemError(Problem.PRESENTATION) from error
    if found is None:
        raise ProblemError(Problem.PRESENTATION)
    return found
