"""Pages about households that may have been registered before."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices import once
from localservices.registration import doubling, service
from localservices.registration.correcting import today
from localservices.registration.households import Known
from localservices.security import current_desk
from sync.merge.likeness import facts_of
from sync.store.store import Receipt
from sync.wire.kinds.doubles import Answer
from sync.wire.kinds.household import HouseholdRegistered

_OTHERS_MAX = 100


def add_pages(pages: Blueprint) -> None:
    """Add them to those of registration."""
    where = "/households/<public_id>"
    pages.add_url_rule("/api/households/doubles", "doubles", _typed, methods=["POST"])
    pages.add_url_rule(f"{where}/same", "same", _same, methods=["POST"])
    pages.add_url_rule(f"{where}/doubles", "compare", _answered, methods=["POST"])


def unanswered(
    household: HouseholdRegistered, fields: Mapping[str, str], form_id: bytes
) -> list[dict[str, Any]]:
    """What the form shows before it is saved; empty: save it."""
    facts = facts_of(household)
    seen = _others(fields) if fields.get("double") in list(Answer) else []
    asked = doubling.to_ask(current_desk(), facts, form_id, seen)
    return [{"of": one, "rows": doubling.side_by_side(facts, one)} for one in asked]


def write_answer(receipt: Receipt, fields: Mapping[str, str], form_id: bytes) -> None:
    """Write down what staff said of the doubles that the form has shown."""
    if fields.get("double") in (Answer.DIFFERENT, Answer.ASK):
        said = Answer(fields["double"])
        doubling.answer(current_desk(), receipt.public_id, _others(fields), said, form_id)


def of_household(known: Known | None) -> dict[str, Any]:
    """What the page of a household tells of its doubles."""
    if known is None:
        return {"doubles": [], "compared": ()}
    desk = current_desk()
    facts = facts_of(known.household)
    found = [] if known.removed else doubling.of_known(desk, known)
    shown = [{"of": one, "rows": doubling.side_by_side(facts, one)} for one in found]
    return {"doubles": shown, "compared": doubling.said_of(desk, known.public_id)}


def _typed() -> ResponseReturnValue:
    """For the hint while somebody types: sentences of ours, and whom it may be."""
    desk = current_desk()
    if not desk.can_read:
        return jsonify(found="")
    found = doubling.find(desk, doubling.typed(request.form, today()))
    return jsonify(found=render_template("registration/hint.html", doubles=found) if found else "")


def _same(public_id: str) -> ResponseReturnValue:
    """It came again: nothing is registered twice, and what is here can be corrected."""
    desk = current_desk()
    if service.find(desk, public_id) is None:
        abort(404)
    form_id = once.read(request.form.get("form_id", "")) or desk.new_id()
    doubling.came_again(desk, public_id, form_id)
    return redirect(url_for("registration.correct", public_id=public_id), 303)


def _answered(public_id: str) -> ResponseReturnValue:
    """On a household's own page: what it is to another that is here."""
    desk, fields = current_desk(), request.form
    form_id = once.read(fields.get("form_id", "")) or desk.new_id()
    found = service.find(desk, public_id)
    if found is not None and fields.get("double") in list(Answer):
        doubling.answer(desk, public_id, _others(fields), Answer(fields["double"]), form_id)
    return redirect(url_for("registration.household", public_id=public_id), 303)


def _others(fields: Mapping[str, str]) -> list[str]:
    named = dict.fromkeys(fields.get("doubles", "").split())
    return [one[:200] for one in named][:_OTHERS_MAX]
