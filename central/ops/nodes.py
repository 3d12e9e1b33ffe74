"""The page of one node: the ledger, central's words to it, its answers, and a form for new words.

The form is there only behind a passphrase: without one everybody at this machine may look, and
looking is not speaking for central. No page of the wider web can send it: it lacks the token.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from central.ops import ledger, mail
from central.ops.node_words import WORDS
from central.ops.words import LANGUAGES, chosen_language
from central.ops.words import WORDS as USUAL
from central.store import letters
from central.store.database import Database
from sync.wire.kinds.answers import TEXT_CHARS_MAX, Act, CommandGiven, MessageSent
from sync.wire.records import Record

FORM_BYTES_MAX = 64 * 1024
KEEP_HOURS_MAX = 8_760
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """From where words are sent. ``nodes`` are those of the fleet list."""

    nodes: Callable[[], frozenset[str]]
    now_ms: Callable[[], int]
    may_send: bool
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def token(self, node_id: str) -> str:
        """In each form; only who may read our pages knows it."""
        return hmac.digest(self.secret, node_id.encode(), "sha256").hex()


class _Pages:
    """One method a page."""

    def __init__(self, database: Database, desk: Desk, moment: Callable[[int | None], str]) -> None:
        self._database, self._desk, self._moment = database, desk, moment

    def one(self, node_id: str) -> ResponseReturnValue:
        return self._page(node_id)

    def send(self, node_id: str) -> ResponseReturnValue:
        """Asked once whether it is meant; what is not complete is said, and nothing is lost."""
        desk = self._desk
        request.max_content_length = FORM_BYTES_MAX
        if not desk.may_send or node_id not in desk.nodes():
            abort(404)
        if not hmac.compare_digest(request.form.get("token", ""), desk.token(node_id)):
            abort(403)
        said = _said(request.form.get("what", ""), _text())
        if isinstance(said, str):
            return self._page(node_id, problem=said)
        if request.form.get("sure") != "yes":
            return self._page(node_id, asked=said)
        with self._database.writing() as connection:
            letters.write(connection, node_id, said, desk.now_ms())
        return redirect(url_for("nodes.one", node_id=node_id, lang=chosen_language()), 303)

    def _page(
        self, node_id: str, asked: Record | None = None, problem: str | None = None
    ) -> ResponseReturnValue:
        language = chosen_language()
        with self._database.reading() as connection:
            told_ms = ledger.told_at_ms(connection, node_id)
            if told_ms is None and node_id not in self._desk.nodes():
                abort(404)
            accounts = ledger.accounts(connection, node_id)
            sent, answers = mail.sent(connection, node_id), mail.answers(connection, node_id)
        page = render_template(
            "node.html",
            node_id=node_id,
            told_ms=told_ms,
            accounts=accounts,
            sent=sent,
            answers=answers,
            asked=asked,
            problem=problem,
            form=request.form,
            acts=list(Act),
            may_send=self._desk.may_send and node_id in self._desk.nodes(),
            token=self._desk.token(node_id),
            w=USUAL[language] | WORDS[language],
            language=language,
            other=next(one for one in LANGUAGES if one != language),
            moment=self._moment,
        )
        return page, 200 if problem is None else 400, {"Content-Security-Policy": _POLICY}


def create_pages(database: Database, desk: Desk, moment: Callable[[int | None], str]) -> Blueprint:
    """``moment`` writes a time as people read it."""
    blueprint = Blueprint("nodes", __name__)
    pages = _Pages(database, desk, moment)
    blueprint.add_url_rule("/nodes/<node_id>", "one", pages.one)
    blueprint.add_url_rule("/nodes/<node_id>", "send", pages.send, methods=["POST"])
    return blueprint


def _text() -> str:
    return request.form.get("text", "").replace("\r\n", "\n").strip()


def _said(what: str, text: str) -> Record | str:
    """What is to be sent; or a code of what is wrong."""
    who = request.authorization.username if request.authorization is not None else None
    by = (who or "central")[:80]
    if what == "message":
        if not text:
            return "text_missing"
        return "text_long" if len(text) > TEXT_CHARS_MAX else MessageSent(text, by)
    if what not in list(Act):
        return "act_unknown"
    if what != Act.SET_POLICY:
        return CommandGiven(what, by)
    hours = request.form.get("hours", "")
    if not (hours.isascii() and hours.isdigit() and len(hours) <= len(str(KEEP_HOURS_MAX))):
        return "hours_missing"
    if not 1 <= int(hours) <= KEEP_HOURS_MAX:
        return "hours_missing"
    return CommandGiven(what, by, int(hours))
