"""The pages that correct a household: its form again, its history, and what collides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices import times
from localservices.refusal import FormRefusal, Refusal
from localservices.registration import corrections, forms
from localservices.registration.corrections import Act, Story
from localservices.registration.edits import KnownEdit
from localservices.security import current_desk, current_office
from localservices.text import clean
from sync.merge import clock
from sync.store.errors import StoreFailedError, StoreFullError
from sync.wire.kinds.household import MEMBERS_MAX
from sync.wire.kinds.household_fields import YES, index_of

_REASON_CHARS_MAX = 200
_ADDED_FROM, _ADDED = 100, 900  # two centres that each add a person hardly ever choose one index


@dataclass(frozen=True, slots=True)
class Told:
    """What the page of a household tells of its edits."""

    story: Story
    form_id: str

    @property
    def newest_first(self) -> tuple[KnownEdit, ...]:
        return self.story.edits[::-1]

    def ordinal(self, index: int) -> int:
        """What people call the person at ``index``: the head is 1."""
        names = {index_of(name) for name in self.story.standing.values}
        return sorted({one for one in names if one is not None} | {index}).index(index) + 1

    def at_ms(self, stamp: bytes) -> int:
        return clock.time_of(stamp)

    def day(self, text: str) -> date:
        return date.fromisoformat(text)

    def who(self, stamp: bytes) -> KnownEdit:
        return next(one for one in self.story.edits if one.edit.stamp == stamp)


def add_pages(pages: Blueprint) -> None:
    """Add them to those of registration."""
    where = "/households/<public_id>"
    pages.add_url_rule(f"{where}/correct", "correct", _form_of)
    pages.add_url_rule(f"{where}/correct", "save", _save, methods=["POST"])
    pages.add_url_rule(f"{where}/people", "change_people", _change_people, methods=["POST"])
    pages.add_url_rule(f"{where}/settle", "settle", _settle, methods=["POST"])
    pages.add_url_rule(f"{where}/remove", "take_out", _take_out, methods=["POST"])
    pages.add_url_rule(f"{where}/back", "bring_back", _bring_back, methods=["POST"])


def told_of(public_id: str) -> Told | None:
    """Raises LockedError."""
    desk = current_desk()
    found = corrections.story(desk, public_id)
    return None if found is None else Told(found, desk.new_id().hex())


def today() -> date:
    office = current_office()
    return times.moment(office.now_ms(), ZoneInfo(office.time_zone)).date()


def form_choices(fields: Mapping[str, str]) -> dict[str, Any]:
    """What the form of a household needs beside its fields."""
    return {
        "people": forms.seats(fields)[:MEMBERS_MAX],
        "most": MEMBERS_MAX,
        "sexes": forms.SEXES,
        "relations": forms.RELATIONS,
        "needs": forms.NEEDS,
    }


def _form_of(public_id: str) -> ResponseReturnValue:
    seen = _seen(public_id, None)
    fields = {name: _as_typed(name, text) for name, text in seen.texts.items()}
    return _form(seen, fields | {"consent": YES, "version": str(seen.version)})


def _as_typed(name: str, text: str) -> str:
    """Days as the form's hint writes them."""
    if name.rpartition("-")[0] != "born_on" and name != "displaced_on":
        return text
    return date.fromisoformat(text).strftime("%d.%m.%Y")


def _change_people(public_id: str) -> ResponseReturnValue:
    """Show the form again with a person more or less; nothing is saved."""
    fields = request.form.to_dict()
    action = fields.get("action", "")
    if action == "add":
        drawn = int.from_bytes(current_desk().new_id()[:2], "big") % _ADDED
        fields = forms.with_another(fields, _ADDED_FROM + drawn)
    elif action.startswith("remove-") and action[7:].isdecimal():
        fields = forms.without_person(fields, int(action[7:]))
    return _form(_seen(public_id, _version(fields)), fields)


def _save(public_id: str) -> ResponseReturnValue:
    desk, fields = current_desk(), request.form.to_dict()
    seen = _seen(public_id, _version(fields))
    try:
        household = forms.read_household(fields | {"consent": YES}, desk.staff_name, today())
        corrections.correct(desk, seen, household, forms.people(fields), _act(fields))
    except FormRefusal as refusal:
        return _form(seen, fields, refusal.problems), 422
    except StoreFullError:
        return _form(seen, fields, trouble="disk_full"), 507
    except StoreFailedError:
        return _form(seen, fields, trouble="disk_failed"), 503
    return _back_to(public_id)


def _settle(public_id: str) -> ResponseReturnValue:
    fields = request.form.to_dict()
    seen = _seen(public_id, _version(fields))
    field, text = fields.get("field", ""), fields.get("text", "")
    corrections.settle(current_desk(), seen, field, text, _act(fields))
    return _back_to(public_id)


def _take_out(public_id: str) -> ResponseReturnValue:
    fields = request.form.to_dict()
    corrections.remove(current_desk(), _seen(public_id, _version(fields)), _act(fields))
    return _back_to(public_id)


def _bring_back(public_id: str) -> ResponseReturnValue:
    fields = request.form.to_dict()
    corrections.bring_back(current_desk(), _seen(public_id, _version(fields)), _act(fields))
    return _back_to(public_id)


def _seen(public_id: str, version: int | None) -> Story:
    found = corrections.story(current_desk(), public_id, version)
    return found or abort(404)


def _version(fields: Mapping[str, str]) -> int:
    typed = fields.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else 0


def _act(fields: Mapping[str, str]) -> Act:
    """A form without its id is nobody's: what it does, it does once by a new one."""
    try:
        form_id = forms.read_form_id(fields)
    except FormRefusal:
        form_id = current_desk().new_id()
    return Act(form_id, clean(fields.get("reason", ""))[:_REASON_CHARS_MAX] or None)


def _back_to(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("registration.household", public_id=public_id), 303)


def _form(
    seen: Story,
    fields: Mapping[str, str],
    problems: Mapping[str, Refusal] | None = None,
    trouble: str | None = None,
) -> str:
    return render_template(
        "registration/new.html",
        save_to="registration.save",
        people_to="registration.change_people",
        where={"public_id": seen.known.public_id},
        fields=fields,
        problems=problems or {},
        trouble=trouble,
        form_id=_act(fields).form_id.hex(),
        version=_version(fields),
        **form_choices(fields),
    )
